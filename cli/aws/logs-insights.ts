import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { createJsonRpc } from "../../dispatcher/aws/transport/rpc.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import { TransientError } from "../../dispatcher/errors.ts";
import type { AwsAccess } from "./resolve-aws.ts";

export interface LogQuestion {
  logGroup: string;
  /** One command a line. */
  lines: readonly string[];
  from: Date;
  until: Date;
}

/** Asks CloudWatch Logs Insights; a row has the fields that it has. Throws a DispatcherError. */
export type AskLogs = (question: LogQuestion) => Promise<Readonly<Record<string, string>>[]>;

const started = v.object({ queryId: v.string() });
const results = v.object({
  status: v.string(),
  results: v.array(v.array(v.object({ field: v.string(), value: v.optional(v.string()) }))),
});

const POLL_MS = 1_000;
/** A query is ended by the service after an hour; nobody waits for so long. */
const MAX_POLLS = 300;

export function createAskLogs({ region, credentials }: AwsAccess, environment: Environment): AskLogs {
  const fetch = createSignedFetch({
    ...{ service: "logs", region, credentials: () => credentials },
    endpoint: awsEndpoint(environment, "logs"),
  });
  const logs = createJsonRpc(fetch, "Logs_20140328", "1.1");
  return async ({ logGroup, lines, from, until }) => {
    const seconds = (at: Date) => Math.floor(at.getTime() / 1_000);
    const input = {
      ...{ logGroupNames: [logGroup], queryString: lines.join("\n| ") },
      ...{ startTime: seconds(from), endTime: seconds(until) },
    };
    const what = `StartQuery in ${logGroup}`;
    const { queryId } = await logs({ operation: "StartQuery", input, answer: started, what });
    for (let count = 0; count < MAX_POLLS; count++) {
      const answer = await logs({
        ...{ operation: "GetQueryResults", input: { queryId }, answer: results, what: "GetQueryResults" },
      });
      if (answer.status === "Complete") {
        return answer.results.map((row) => Object.fromEntries(row.map(({ field, value = "" }) => [field, value])));
      }
      if (answer.status !== "Scheduled" && answer.status !== "Running") {
        throw new TransientError(`the query ended as ${answer.status}`);
      }
      await sleep(POLL_MS);
    }
    throw new TransientError("the query did not end");
  };
}

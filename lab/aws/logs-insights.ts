import { randomUUID } from "node:crypto";
import type { LogLine } from "../cloudwatch/filter-pattern.ts";
import { runQuery } from "../cloudwatch/run-query.ts";
import { AwsError } from "./aws-error.ts";
import { jsonBody, jsonReply, type Service, stringMember } from "./gateway/service.ts";
import type { LogGroups } from "./logs.ts";

const OPERATIONS = ["DescribeLogGroups", "GetQueryResults", "StartQuery"];

/** CloudWatch Logs, as far as naming groups and asking Logs Insights goes: a query is answered at the second look. */
export function createLogsInsights(logs: LogGroups): Service {
  const answers = new Map<string, { looks: number; rows: Record<string, unknown>[] }>();
  return {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^Logs_20140328\./, "");
      if (OPERATIONS.includes(operation)) return operation;
      throw new AwsError(
        "UnknownOperationException",
        400,
        `the lab's CloudWatch Logs have no operation '${operation}'`,
      );
    },
    async perform(request, { operation, authorize }) {
      const body = jsonBody(request);
      const reply = (value: unknown) => jsonReply(200, value, "application/x-amz-json-1.1");
      if (operation === "DescribeLogGroups") {
        await authorize({ action: "logs:DescribeLogGroups", resource: "*" });
        const prefix = stringMember(body, "logGroupNamePrefix");
        const named = logs.names().filter((name) => name.startsWith(prefix));
        return reply({
          logGroups: named.map((logGroupName) => ({ logGroupName, arn: `${logs.arn(logGroupName)}:*` })),
        });
      }
      if (operation === "GetQueryResults") {
        await authorize({ action: "logs:GetQueryResults", resource: "*" });
        const answer = answers.get(stringMember(body, "queryId"));
        if (answer === undefined)
          throw new AwsError("ResourceNotFoundException", 400, "The specified query does not exist.");
        if (answer.looks++ === 0) return reply({ status: "Running", results: [] });
        const results = answer.rows.map((row) =>
          Object.entries(row).map(([field, value]) => ({ field, value: String(value) })),
        );
        return reply({ status: "Complete", results });
      }
      const groups = Array.isArray(body.logGroupNames) ? body.logGroupNames.map(String) : [];
      for (const group of groups) await authorize({ action: "logs:StartQuery", resource: `${logs.arn(group)}:*` });
      const [from, until] = [Number(body.startTime) * 1_000, (Number(body.endTime) + 1) * 1_000];
      const lines = groups
        .flatMap((group) => logs.read(group))
        .filter(({ timestamp, message }) => timestamp >= from && timestamp < until && message.startsWith("{"))
        .map(({ timestamp, stream, message }) => ({
          atMs: timestamp,
          line: { "@logStream": stream, ...(JSON.parse(message) as LogLine) },
        }));
      const queryId = randomUUID();
      answers.set(queryId, { looks: 0, rows: runQuery(stringMember(body, "queryString"), lines) });
      return reply({ queryId });
    },
  };
}

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createDynamodbJobStore } from "../../../dispatcher/aws/dynamodb-job-store.ts";
import { createLambdaMicrovms } from "../../../dispatcher/aws/lambda-microvms.ts";
import { createSqsQueue } from "../../../dispatcher/aws/sqs-queue.ts";
import { type LocalServer, startLocalServer } from "../../support/local-server.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

const TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=25:a87bd80c:1";

let server: LocalServer;
beforeEach(async () => {
  server = await startLocalServer(() => ({ status: 200, body: JSON.stringify({ MessageId: "m" }) }));
  vi.stubEnv("_X_AMZN_TRACE_ID", TRACE);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

it("hands no trace on, by which Lambda would count the rounds of a job and end them", async () => {
  await createSqsQueue(signedFetchFor("sqs", server.url), `${server.url}/1/jobs`).send({
    ...{ type: "watch", jobId: 11, due: "2026-01-01T12:00:00.000Z" },
  });
  await createDynamodbJobStore(signedFetchFor("dynamodb", server.url), "jobs").get(11);
  await createLambdaMicrovms(signedFetchFor("lambda", server.url)).terminate("microvm-1");

  expect(server.requests).toHaveLength(3);
  for (const { headers, body } of server.requests) {
    expect(Object.keys(headers).filter((name) => /trace/i.test(name))).toEqual([]);
    expect(body).not.toContain("AWSTraceHeader");
    expect(JSON.stringify(headers) + body).not.toContain("5759e988");
  }
});

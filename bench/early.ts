import { spawnSync } from "node:child_process";
import { functionEnvironment } from "../lab/world/services/function-environment.ts";
import { deliveryHeaders, functionUrlEvent } from "../lab/world/services/function-url-event.ts";
import { median, type Row } from "./report.ts";

const RUNS = 21;
/** Within a Region as long as SSM usually takes, its connection included. */
const ANSWER_MS = 20;

const DELIVERY = functionUrlEvent({ body: "{}", headers: deliveryHeaders("{}", "another secret") });

/** A process that loads the webhook function beside a stand-in for SSM, and prints what its first invocation then takes. */
const child = (path: string) => `
const { createServer } = require("node:http");
const parameter = JSON.stringify({ Parameter: { Name: "n", Version: 1, Value: JSON.stringify({ webhook_secrets: ["secret"] }) } });
const server = createServer((_, response) => setTimeout(() => response.end(parameter), ${ANSWER_MS}));
server.listen(0, "127.0.0.1", async () => {
  process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:" + server.address().port;
  const { handler } = require(${JSON.stringify(path)});
  // Lambda answers its own init before it hands the first event over.
  await new Promise(setImmediate);
  const begin = performance.now();
  const { statusCode } = await handler(${JSON.stringify(DELIVERY)});
  const took = performance.now() - begin;
  console.log(JSON.stringify({ statusCode, took }));
  process.exit();
});`;

function firstInvocation(path: string, early: boolean): number {
  const variables = Object.entries(functionEnvironment).map(([name, value]) => [name, String(value)]);
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", child(path)], {
    encoding: "utf8",
    env: {
      ...Object.fromEntries(variables),
      ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
      // The one thing by which a function knows that the file is its own.
      _HANDLER: early ? "webhook.handler" : "another.handler",
    },
  });
  const last = stdout.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error(`the webhook function failed: ${stdout}${stderr}`);
  const { statusCode, took } = JSON.parse(last) as { statusCode: number; took: number };
  // Refused for its signature, which the secret alone tells.
  if (statusCode !== 401) throw new Error(`the webhook function answered ${statusCode}: ${stdout}`);
  return took;
}

/** What a cold start gains by what it begins while its file is loaded, as a ratio to a start that begins nothing. */
export function earlyRow(path: string): Row {
  const times: Record<"early" | "late", number[]> = { early: [], late: [] };
  for (let run = 0; run < RUNS; run++) {
    times.late.push(firstInvocation(path, false));
    times.early.push(firstInvocation(path, true));
  }
  const [early, late] = [median(times.early), median(times.late)];
  return {
    what: "first webhook, begun early",
    ratio: "",
    aim: "",
    size: `${(early / late).toFixed(2)} x begun late (${early.toFixed(0)} ms for ${late.toFixed(0)} ms)`,
  };
}

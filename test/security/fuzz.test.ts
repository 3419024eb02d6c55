import * as fc from "fast-check";
import * as v from "valibot";
import { afterAll, describe, expect, it } from "vitest";
import { dispatcherEnvironment, webhookEnvironment } from "../../contract/environment.ts";
import { FINISH_PATH } from "../../contract/finish-call.ts";
import { HOOK_BASE_PATH } from "../../contract/hooks.ts";
import { createLogger } from "../../contract/log.ts";
import { type QueueMessage, queueMessage } from "../../contract/messages.ts";
import {
  decodeRunPayload,
  encodeRunPayload,
  MAX_RUN_PAYLOAD_BYTES,
  type RunPayload,
  RunPayloadError,
  runPayload,
  unwrapJitConfig,
  wrapJitConfig,
} from "../../contract/run-payload.ts";
import { dispatcherSecret, webhookSecret } from "../../contract/secrets.ts";
import { parseEnvironment, parseSecret } from "../../dispatcher/config.ts";
import { finishMac } from "../../dispatcher/core/signature.ts";
import { ConfigurationError } from "../../dispatcher/errors.ts";
import { receiveRequest } from "../../dispatcher/flows/receive-request.ts";
import type { WebhookDeps } from "../../dispatcher/flows/webhook-request.ts";
import { rememberRecent } from "../../dispatcher/recent.ts";
import { cacheSecret } from "../../dispatcher/secret-cache.ts";
import { deliveryHeaders, functionUrlEvent } from "../../lab/world/services/function-url-event.ts";
import { parseConfig } from "../../microvm/supervisor/config.ts";
import { readRunnerLine } from "../../microvm/supervisor/core/runner-line.ts";
import { answerHook, type HookDeps } from "../../microvm/supervisor/hooks.ts";
import { anyHeaders, anyText, jsonValue, nearly } from "./fuzz-inputs.ts";
import { fuzz, printRuns } from "./fuzz-runs.ts";

const SECRET = "the webhook secret of the fuzzing";
const NOW = new Date("2026-01-01T12:00:00Z");
const EXPIRES_AT = NOW.getTime() / 1_000 + 600;

afterAll(() => void process.stdout.write(`${printRuns()}\n`));

const sent: QueueMessage[] = [];
const webhookDeps: WebhookDeps = {
  environment: {
    REQUIRED_LABELS: ["self-hosted", "microvm"],
    RUNNER_LABELS: ["self-hosted", "linux", "arm64", "microvm"],
    GH_OWNER: "acme",
    GH_REPOSITORIES: [],
    CLASSES_PARAM: "",
    RUNNER_NAME_PREFIX: "gha",
    QUEUE_URL: "https://sqs.example/jobs",
    WEBHOOK_SECRET_PARAM: "/gha/webhook",
    WEBHOOK_SECRET_GENERATION: "1",
  },
  secrets: cacheSecret({ now: () => NOW }, async () => [SECRET]),
  classes: async () => ({}),
  queue: { send: async (message) => void sent.push(message), changeVisibility: async () => undefined },
  // None: each input is to be seen by the queue.
  finished: rememberRecent(0),
  clock: { now: () => NOW },
  log: createLogger(() => undefined),
};

async function ask(event: ReturnType<typeof functionUrlEvent>): Promise<number> {
  sent.length = 0;
  const answer = await receiveRequest(webhookDeps, event);
  if (typeof answer !== "object" || answer.statusCode === undefined) throw new Error("no status in the answer");
  expect(JSON.stringify(answer)).not.toContain(SECRET);
  return answer.statusCode;
}

const delivery = {
  action: "queued",
  workflow_job: {
    id: 11,
    run_id: 22,
    labels: ["self-hosted", "microvm"],
    runner_name: "gha-12-1",
    conclusion: "success",
    name: "build",
  },
  repository: { full_name: "acme/shop" },
  installation: { id: 33 },
};
const deliveries = fc
  .constantFrom("queued", "in_progress", "completed")
  .chain((action) => nearly({ ...delivery, action }));

describe("the function URL", () => {
  it("answers no request that is not signed with 2xx, and none with 5xx", async () => {
    const request = fc.record({
      method: fc.constantFrom("POST", "POST", "POST", "GET", "PUT", "DELETE", "OPTIONS", ""),
      path: fc.oneof(fc.constantFrom("/", FINISH_PATH, "//", "/finish/", "/../finish", "/%66inish"), fc.webPath()),
      headers: anyHeaders,
      body: fc.oneof(anyText, deliveries),
      base64: fc.boolean(),
    });
    await fuzz("webhook, unsigned", 6_000, request, async (input) => {
      expect([400, 401, 404, 405, 413]).toContain(await ask(functionUrlEvent(input)));
      expect(sent).toEqual([]);
    });
  });

  it("queues of what is signed nothing but messages of the contract", async () => {
    const input = fc.record({
      body: fc.oneof({ weight: 4, arbitrary: deliveries }, { weight: 1, arbitrary: anyText }),
      event: fc.constantFrom("workflow_job", "workflow_job", "ping", "push", "__proto__"),
      base64: fc.boolean(),
    });
    await fuzz("webhook, signed", 6_000, input, async ({ body, event, base64 }) => {
      // Lambda hands over text that is well-formed Unicode, or else base64.
      const text = body.toWellFormed();
      const status = await ask(functionUrlEvent({ body: text, headers: deliveryHeaders(text, SECRET, event), base64 }));
      expect([200, 202, 400]).toContain(status);
      expect(sent.length).toBe(status === 202 ? 1 : 0);
      for (const message of sent) {
        expect(v.safeParse(queueMessage, message).issues?.map((issue) => v.getDotPath(issue))).toBeUndefined();
      }
    });
  });

  it("takes a finish call for exactly the launch and time that its MAC was made for", async () => {
    const valid = { launchId: "11-1", expiresAt: EXPIRES_AT, mac: finishMac(SECRET, "11-1", EXPIRES_AT) };
    const body = fc.oneof({ weight: 4, arbitrary: nearly(valid) }, { weight: 1, arbitrary: anyText });
    await fuzz("finish call", 6_000, body, async (text) => {
      const status = await ask(functionUrlEvent({ path: FINISH_PATH, body: text }));
      expect([202, 400, 401]).toContain(status);
      if (status !== 202) return expect(sent).toEqual([]);
      expect(JSON.parse(text)).toMatchObject(valid);
      expect(sent).toEqual([{ type: "finish", source: "vm", launchId: "11-1" }]);
    });
  });
});

const payload: RunPayload = {
  version: 1,
  launchId: "11-1",
  jitConfig: { ".runner": '{"AgentId":"7"}', ".credentials": '{"Scheme":"OAuth"}' },
  finish: { url: "https://id.lambda-url.eu-west-1.on.aws/finish", expiresAt: EXPIRES_AT, mac: "ab".repeat(32) },
  region: "eu-west-1",
  maxDurationSeconds: 3_600,
};

describe("the MicroVM's hooks", () => {
  it("read a run payload, or say what is wrong with it without quoting it", async () => {
    const encoded = encodeRunPayload(payload);
    const damaged = fc
      .tuple(fc.nat({ max: encoded.length - 1 }), fc.base64String({ maxLength: 8 }))
      .map(([at, piece]) => encoded.slice(0, at) + piece + encoded.slice(at + piece.length));
    await fuzz("run payload", 6_000, fc.oneof(damaged, anyText), (text) => {
      try {
        expect(v.is(runPayload, decodeRunPayload(text))).toBe(true);
        expect(text.length).toBeLessThanOrEqual(MAX_RUN_PAYLOAD_BYTES);
      } catch (error: unknown) {
        expect(error).toBeInstanceOf(RunPayloadError);
        if (text.length > 40) expect(String(error)).not.toContain(text);
      }
    });
  });

  it("unwrap and wrap a JIT configuration, or refuse it", async () => {
    const files = {
      ".runner": Buffer.from("{}").toString("base64"),
      ".bytes": Buffer.from([255, 0]).toString("base64"),
    };
    const wrapped = fc.oneof(nearly(files), anyText).map((text) => Buffer.from(text).toString("base64"));
    await fuzz("JIT configuration", 4_000, fc.oneof(wrapped, anyText), (text) => {
      try {
        expect(unwrapJitConfig(wrapJitConfig(unwrapJitConfig(text)))).toEqual(unwrapJitConfig(text));
      } catch (error: unknown) {
        expect(error).toBeInstanceOf(RunPayloadError);
      }
    });
  });

  it("answer every request, whatever its path and body", async () => {
    const quiet = () => undefined;
    const deps: HookDeps = {
      supervision: { accept: () => "accepted", begin: quiet, stop: quiet, over: Promise.resolve() },
      warmer: { poll: () => "warm" },
      log: createLogger(quiet),
      terminateWait: async () => undefined,
    };
    const envelope = { microvmId: "microvm-1", runHookPayload: encodeRunPayload(payload) };
    const names = ["ready", "validate", "run", "suspend", "resume", "terminate", "__proto__", ""];
    const request = fc.record({
      method: fc.constantFrom("POST", "POST", "POST", "GET", ""),
      path: fc.oneof(
        fc.constantFrom(...names).map((name) => `${HOOK_BASE_PATH}/${name}`),
        fc.webPath(),
      ),
      body: fc.oneof(nearly(envelope), anyText),
    });
    await fuzz("hook body", 6_000, request, async ({ method, path, body }) => {
      const { status } = await answerHook(method, path, body, deps);
      expect([200, 400, 404]).toContain(status);
    });
  });

  it("read any line of the runner", async () => {
    const line = fc.tuple(
      fc.string(),
      fc.constantFrom("Running job: ", "Job ", " completed with result: ", "Listening for Jobs"),
      fc.string(),
    );
    await fuzz(
      "runner output",
      4_000,
      line.map((parts) => parts.join("")),
      (text) => {
        expect(["undefined", "object"]).toContain(typeof readRunnerLine(text));
      },
    );
  });
});

describe("the environment", () => {
  const environmentOf = (schema: { entries: object }) => {
    const names = [...Object.keys(schema.entries), "__proto__", "AWS_REGION"];
    const value = fc.oneof(
      fc.string(),
      anyText,
      fc.constantFrom("", "0", "60", "https://x.example", "a,b", ",", "1e3", " 7"),
    );
    return fc.dictionary(fc.constantFrom(...names), value);
  };

  it("of the functions is read, or refused with the names of what is wrong and not the values", async () => {
    for (const schema of [webhookEnvironment, dispatcherEnvironment]) {
      await fuzz("environment of a function", 2_000, environmentOf(schema), (environment) => {
        try {
          expect(v.is(v.record(v.string(), v.unknown()), parseEnvironment(schema, environment))).toBe(true);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(ConfigurationError);
          for (const value of Object.values(environment))
            if (value.length > 40) expect(String(error)).not.toContain(value);
        }
      });
    }
  });

  it("of the supervisor is read, or refused in the same way", async () => {
    const names = ["RUNNER_DIR", "RUNNER_USER", "JOB_WAIT_SECONDS", "DOCKER", "MEMORY_MIB", "STATE_DIR"].map(
      (name) => `GHA_${name}`,
    );
    const environment = fc.dictionary(fc.constantFrom(...names, "GHA_HOOK_PORT", "__proto__"), anyText);
    await fuzz("environment of the supervisor", 2_000, environment, (variables) => {
      try {
        expect(Object.isFrozen(parseConfig(variables))).toBe(true);
      } catch (error: unknown) {
        expect(String(error)).toMatch(/^Error: the supervisor's environment is wrong: /);
        for (const value of Object.values(variables)) if (value.length > 40) expect(String(error)).not.toContain(value);
      }
    });
  });

  it("holds secrets that are read, or refused without a word of them", async () => {
    const document = {
      webhook_secrets: ["w".repeat(50)],
      github_app: { app_id: "1", installation_id: "2", private_key: "k".repeat(50) },
    };
    for (const schema of [webhookSecret, dispatcherSecret]) {
      const text = fc.oneof(
        nearly(document),
        anyText,
        jsonValue.map((value) => JSON.stringify(value)),
      );
      await fuzz("secret", 2_000, text, (secret) => {
        try {
          expect(parseSecret(schema, "/gha/secret", secret).webhook_secrets.length).toBeGreaterThan(0);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(ConfigurationError);
          expect(String(error)).not.toMatch(/w{50}|k{50}/);
        }
      });
    }
  });
});

import * as fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDynamodbCapacity } from "../../dispatcher/aws/dynamodb-capacity.ts";
import { createDynamodbJobStore } from "../../dispatcher/aws/dynamodb-job-store.ts";
import { toJobItem } from "../../dispatcher/aws/job-item.ts";
import { createKmsSigner } from "../../dispatcher/aws/kms-signer.ts";
import { createLambdaImageVersions } from "../../dispatcher/aws/lambda-image-versions.ts";
import { createLambdaMicrovms } from "../../dispatcher/aws/lambda-microvms.ts";
import { createSecretsManager } from "../../dispatcher/aws/secrets-manager.ts";
import { createSqsQueue } from "../../dispatcher/aws/sqs-queue.ts";
import { createSsmSecrets } from "../../dispatcher/aws/ssm-secrets.ts";
import type { SignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import type { WatchedHook } from "../../dispatcher/core/views.ts";
import { DispatcherError } from "../../dispatcher/errors.ts";
import { createGitHub } from "../../dispatcher/github/create-github.ts";
import { createHookDeliveries } from "../../dispatcher/github/hook-deliveries.ts";
import { createAppKey, steadyKey } from "../support/app-key.ts";
import { SAMPLE_RUN_INPUT, sampleJob } from "../support/sample-job.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../support/signed-fetch-for.ts";
import { anyHeaders, anyStatus, anyText, nearly } from "./fuzz-inputs.ts";
import { fuzz, printRuns } from "./fuzz-runs.ts";

afterAll(() => void process.stdout.write(`${printRuns()}\n`));

const key = createAppKey();
const shop = { repository: "acme/shop", installationId: 33, groupId: 0 };

/** An answer of a server that may be broken, or not the one that was asked. */
const answerOf = (...valid: unknown[]) =>
  fc.record({
    status: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(200, 201) }, { weight: 1, arbitrary: anyStatus }),
    headers: anyHeaders,
    body: fc.oneof(...valid.map((document) => ({ weight: 3, arbitrary: nearly(document) })), {
      weight: 1,
      arbitrary: anyText,
    }),
  });

type Answer = { status: number; headers: Record<string, string>; body: string };

function respond({ status, headers, body }: Answer): Response {
  const safe = Object.entries(headers).filter(([, value]) => /^[\x20-\x7e]*$/.test(value));
  // Octokit reads as JSON only what says that it is.
  const all = { "content-type": "application/json; charset=utf-8", ...Object.fromEntries(safe) };
  return new Response(body, { status, headers: all });
}

let results = 0;
beforeEach(() => {
  results = 0;
});
// Inputs that are all refused at the first look would show nothing.
afterEach(() => expect(results).toBeGreaterThan(10));

/** Resolves, or is rejected with an error of ours that says nothing of the credentials. */
async function endsWell(call: Promise<unknown>, secrets: readonly string[]): Promise<void> {
  try {
    await call;
    results += 1;
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(DispatcherError);
    const text = `${String(error)} ${JSON.stringify(error instanceof DispatcherError ? error.details : {})}`;
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
}

const microvm = { microvmId: "microvm-1", state: "RUNNING", imageVersion: "1.0", startedAt: 1_767_268_800.5 };
const version = { state: "SUCCESSFUL", status: "ACTIVE", createdAt: 1_767_268_800, updatedAt: 1_767_268_800 };
const item = { Item: toJobItem(sampleJob()) };

describe("an answer of AWS", () => {
  const operations: [string, object, (fetch: SignedFetch) => Promise<unknown>][] = [
    ["RunMicrovm", microvm, (fetch) => createLambdaMicrovms(fetch).run(SAMPLE_RUN_INPUT)],
    ["GetMicrovm", microvm, (fetch) => createLambdaMicrovms(fetch).get("microvm-1")],
    ["TerminateMicrovm", {}, (fetch) => createLambdaMicrovms(fetch).terminate("microvm-1")],
    ["GetItem", item, (fetch) => createDynamodbJobStore(fetch, "jobs").get(11)],
    ["PutItem", {}, (fetch) => createDynamodbJobStore(fetch, "jobs").put(sampleJob())],
    [
      "UpdateItem",
      {},
      (fetch) =>
        createDynamodbCapacity(fetch, "jobs").acquire(
          { launchId: "11-1", repository: "acme/shop" },
          { limit: 5, each: 2 },
        ),
    ],
    [
      "ListMicrovmImageVersions",
      { items: [{ ...version, imageVersion: "1.0" }] },
      (fetch) => createLambdaImageVersions(fetch).list(SAMPLE_RUN_INPUT.imageArn),
    ],
    [
      "ListMicrovms",
      { items: [microvm] },
      (fetch) => createLambdaImageVersions(fetch).inUse(SAMPLE_RUN_INPUT.imageArn),
    ],
    [
      "GetSecretValue",
      { SecretString: "text" },
      (fetch) => createSecretsManager(fetch).get("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app"),
    ],
    [
      "Sign",
      { Signature: "c2lnbmVk" },
      (fetch) => createKmsSigner(fetch, "arn:aws:kms:eu-west-1:123456789012:key/1")(Buffer.from("data")),
    ],
    ["GetParameter", { Parameter: { Value: "{}" } }, (fetch) => createSsmSecrets(fetch).get("/gha/webhook")],
    [
      "SendMessage",
      { MessageId: "m" },
      (fetch) =>
        createSqsQueue(fetch, "https://sqs.example/jobs").send({ type: "finish", source: "vm", launchId: "11-1" }),
    ],
  ];

  it.each(operations)("to %s ends in a result or in an error of ours", async (operation, valid, call) => {
    const error = { __type: "com.amazonaws#ThrottlingException", message: "Rate exceeded" };
    await fuzz(`AWS: ${operation}`, 600, answerOf(valid, error), async (answer) => {
      const fetch = signedFetchFor("lambda", "http://aws.example", { fetch: async () => respond(answer) });
      await endsWell(call(fetch), [LOCAL_CREDENTIALS.secretAccessKey, SAMPLE_RUN_INPUT.runHookPayload]);
    });
  });
});

describe("an answer of GitHub", () => {
  const runner = { id: 5, name: "gha-11-1", os: "unknown", status: "online", busy: false, labels: [] };
  const token = { token: "ghs_ofthefuzzing", expires_at: "2999-01-01T00:00:00Z", permissions: {} };
  const documents = [
    { runner, encoded_jit_config: "e30=" },
    { total_count: 1, runners: [runner] },
    { id: 11, status: "queued", conclusion: null, runner_name: "" },
    { id: 22, event: "pull_request", head_repository: { full_name: "jane/shop" } },
    { message: "Bad credentials" },
  ];

  const client = (fetch: typeof globalThis.fetch) =>
    createGitHub({
      apiUrl: "https://ghes.example/api/v3",
      app: { appId: "1", key: steadyKey(key.pkcs1) },
      fetch,
      send: { sleep: async () => undefined, random: () => 0 },
    });
  const calls = (github: ReturnType<typeof client>) => [
    github.registerRunner(shop, { name: "gha-11-1", labels: ["microvm"] }),
    github.findRunner(shop, "gha-11-1"),
    github.removeRunner(shop, 5),
    github.getJob(shop, 11),
    github.getRunOrigin(shop, 22),
  ];

  it("ends in a result or in an error of ours", async () => {
    await fuzz("GitHub: runners, jobs and runs", 800, answerOf(...documents), async (answer) => {
      const github = client(async (url) =>
        String(url).endsWith("/access_tokens") ? Response.json(token, { status: 201 }) : respond(answer),
      );
      await Promise.all(calls(github).map((call) => endsWell(call, [token.token, key.pkcs1])));
    });
  });

  it("to the request for a token does so too", async () => {
    await fuzz("GitHub: installation tokens", 400, answerOf(token, { message: "Not Found" }), async (answer) => {
      const github = client(async (url) =>
        String(url).endsWith("/access_tokens") ? respond(answer) : Response.json(documents[2]),
      );
      await endsWell(github.getJob(shop, 11), [key.pkcs1]);
    });
  });

  it("about webhooks and their deliveries does so too", async () => {
    const delivery = { guid: "d-1", delivered_at: "2026-01-01T00:00:00Z", status_code: 500, event: "workflow_job" };
    const listed = [{ id: 1, ...delivery, action: "queued" }];
    const hooks: WatchedHook[] = [
      { kind: "organization", organization: "acme", hookId: 7 },
      { kind: "repository", repository: "acme/shop", hookId: 8 },
      { kind: "app" },
    ];
    await fuzz("GitHub: deliveries", 300, answerOf(listed, token, { id: 33 }), async (answer) => {
      for (const broken of [/deliveries/, /access_tokens|installation/]) {
        const deliveries = createHookDeliveries({
          apiUrl: "https://ghes.example/api/v3",
          app: { appId: "1", key: steadyKey(key.pkcs1), installationId: 33 },
          fetch: async (url) => {
            if (broken.test(String(url))) return respond(answer);
            return String(url).endsWith("/access_tokens")
              ? Response.json(token, { status: 201 })
              : Response.json(listed);
          },
          send: { sleep: async () => undefined, random: () => 0 },
        })(() => undefined);
        for (const hook of hooks) {
          await endsWell(deliveries.list(hook, undefined), [token.token, key.pkcs1]);
          await endsWell(deliveries.redeliver(hook, "1"), [token.token, key.pkcs1]);
        }
      }
    });
  });
});

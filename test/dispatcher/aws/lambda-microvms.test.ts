import { describe, expect, it } from "vitest";
import { createLambdaMicrovms } from "../../../dispatcher/aws/lambda-microvms.ts";
import { AwsError } from "../../../dispatcher/aws/transport/aws-error.ts";
import { createSignedFetch } from "../../../dispatcher/aws/transport/signed-fetch.ts";
import type { Microvms } from "../../../dispatcher/ports.ts";
import { SAMPLE_RUN_INPUT } from "../../support/sample-job.ts";
import { LOCAL_CREDENTIALS } from "../../support/signed-fetch-for.ts";

interface Answer {
  status: number;
  name?: string;
  message?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** MicroVMs over answers given in turn, the last one for ever; counts the calls. */
function answering(...answers: Answer[]): { microvms: Microvms; bodies: unknown[] } {
  const bodies: unknown[] = [];
  const fetch: typeof globalThis.fetch = async (_, init) => {
    const answer = answers[Math.min(bodies.length, answers.length - 1)];
    bodies.push(init?.body === undefined ? undefined : JSON.parse(String(init.body)));
    const { status = 500, name, message = "said so", headers = {}, body = { message } } = answer ?? {};
    if (status === 0)
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) });
    return new Response(JSON.stringify(body), {
      status,
      headers: { ...(name ? { "x-amzn-errortype": name } : {}), ...headers },
    });
  };
  const signedFetch = createSignedFetch({
    service: "lambda",
    region: "eu-west-1",
    credentials: () => LOCAL_CREDENTIALS,
    fetch,
    retry: { sleep: async () => undefined },
  });
  return { microvms: createLambdaMicrovms(signedFetch), bodies };
}

const launched = {
  microvmId: "microvm-1",
  state: "PENDING",
  imageVersion: "3.0",
  startedAt: 1_767_268_800,
};
const reused = "The provided clientToken was used with different request parameters.";

// Names with the HTTP codes of the service's model; the texts are those that were seen (docs/PLATFORM-NOTES.md).
const runErrors: [Answer, { name: string; reason?: string; calls: number }][] = [
  [
    { status: 429, name: "ThrottlingException" },
    { name: "ThrottledError", reason: "rate", calls: 1 },
  ],
  [
    { status: 402, name: "ServiceQuotaExceededException" },
    { name: "ThrottledError", reason: "quota", calls: 1 },
  ],
  [
    { status: 500, name: "InsufficientCapacityException" },
    { name: "ThrottledError", reason: "capacity", calls: 1 },
  ],
  [
    { status: 409, name: "ConflictException" },
    { name: "ThrottledError", reason: "image", calls: 1 },
  ],
  [
    { status: 404, name: "ResourceNotFoundException", message: "No active version found" },
    { name: "ThrottledError", reason: "image", calls: 1 },
  ],
  [
    { status: 400, name: "ValidationException", message: "The MicroVM image is in state UPDATING" },
    { name: "ThrottledError", reason: "image", calls: 1 },
  ],
  [
    { status: 404, name: "ResourceNotFoundException", message: "Role not found" },
    { name: "NotFoundError", calls: 1 },
  ],
  [
    { status: 400, name: "ValidationException", message: reused },
    { name: "ClientTokenReusedError", calls: 1 },
  ],
  [
    { status: 409, name: "ConflictException", message: reused },
    { name: "ClientTokenReusedError", calls: 1 },
  ],
  [
    {
      status: 400,
      name: "ValidationException",
      message: "The run hook must be enabled in the MicroVM image to pass the run hook payload",
    },
    { name: "RefusedError", calls: 1 },
  ],
  [
    { status: 403, name: "AccessDeniedException" },
    { name: "RefusedError", calls: 1 },
  ],
  [
    { status: 500, name: "InternalServerException" },
    { name: "TransientError", calls: 3 },
  ],
  [{ status: 502 }, { name: "TransientError", calls: 3 }],
  [{ status: 0 }, { name: "TransientError", calls: 3 }],
  [
    { status: 200, body: { state: "PENDING", imageVersion: "3.0", startedAt: 1_767_268_800 } },
    { name: "TransientError", calls: 1 },
  ],
  [
    { status: 400, name: "ValidationException", message: "Cannot update MicroVM Image in its current state" },
    { name: "ThrottledError", reason: "image", calls: 1 },
  ],
  [
    { status: 409, name: "ConflictException", message: "Cannot update MicroVM Image in its current state" },
    { name: "ThrottledError", reason: "image", calls: 1 },
  ],
  [{ status: 429 }, { name: "ThrottledError", reason: "rate", calls: 1 }],
  [
    { status: 429, name: "SomethingNewException" },
    { name: "ThrottledError", reason: "rate", calls: 1 },
  ],
  [
    { status: 400, name: "RequestTimeoutException" },
    { name: "TransientError", calls: 3 },
  ],
  [
    { status: 400, name: "ExpiredTokenException" },
    { name: "TransientError", calls: 1 },
  ],
];

describe("RunMicrovm", () => {
  it.each(runErrors)("goes by the error's name and not by its status: %o", async (answer, { calls, ...expected }) => {
    const { microvms, bodies } = answering(answer);

    const error = await microvms.run(SAMPLE_RUN_INPUT).catch((reason: unknown) => reason);

    expect(error).toMatchObject(expected);
    expect(bodies).toHaveLength(calls);
    expect(error).not.toBeInstanceOf(AwsError);
  });

  it("is sent again with the same token when it was not answered", async () => {
    const { microvms, bodies } = answering({ status: 0 }, { status: 500 }, { status: 200, body: launched });

    expect(await microvms.run(SAMPLE_RUN_INPUT)).toMatchObject({ microvmId: "microvm-1" });

    expect(bodies).toHaveLength(3);
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toMatchObject({ clientToken: "gha-11-1" });
  });

  it.each<[string, object]>([
    ["nothing else", { microvmId: "microvm-1" }],
    ["a state that is not known", { ...launched, state: "STARTING" }],
    ["no state", { ...launched, state: null }],
    ["no version", { ...launched, imageVersion: undefined }],
    ["no time", { ...launched, startedAt: null }],
    ["a time of another kind", { ...launched, startedAt: "2026-01-01T12:00:00Z" }],
  ])("is done once the answer names a MicroVM, with %s", async (_, body) => {
    const { microvms, bodies } = answering({ status: 200, body });

    expect(await microvms.run(SAMPLE_RUN_INPUT)).toMatchObject({ microvmId: "microvm-1" });
    expect(bodies).toHaveLength(1);
  });

  it("has no idle policy and names no log stream", async () => {
    const { microvms, bodies } = answering({ status: 200, body: launched });

    await microvms.run(SAMPLE_RUN_INPUT);

    expect(bodies[0]).not.toHaveProperty("idlePolicy");
    expect(bodies[0]).toHaveProperty("logging", { cloudWatch: { logGroup: SAMPLE_RUN_INPUT.logGroup } });
  });

  it.each<Answer>([
    { status: 429, name: "ThrottlingException" },
    { status: 402, name: "ServiceQuotaExceededException" },
    { status: 400, name: "ValidationException" },
    { status: 403, name: "AccessDeniedException" },
  ])("has no known outcome when an answer was lost before %o", async (last) => {
    const { microvms } = answering({ status: 0 }, last);

    await expect(microvms.run(SAMPLE_RUN_INPUT)).rejects.toMatchObject({ name: "TransientError" });
  });

  it("passes on how long the service asks to wait", async () => {
    const { microvms } = answering({ status: 429, name: "ThrottlingException", headers: { "retry-after": "9" } });

    await expect(microvms.run(SAMPLE_RUN_INPUT)).rejects.toMatchObject({ retryAfterSeconds: 9 });
  });

  it("does not repeat the payload that the service quotes", async () => {
    const message = `Value '${SAMPLE_RUN_INPUT.runHookPayload}' at 'runHookPayload' failed`;
    const { microvms } = answering({ status: 400, name: "ValidationException", message });

    await expect(microvms.run(SAMPLE_RUN_INPUT)).rejects.toMatchObject({
      message: expect.not.stringContaining(SAMPLE_RUN_INPUT.runHookPayload),
    });
  });
});

describe("GetMicrovm and TerminateMicrovm", () => {
  it("take an unknown MicroVM for one that is gone", async () => {
    const { microvms } = answering({ status: 404, name: "ResourceNotFoundException" });

    expect(await microvms.get("microvm-1")).toBeUndefined();
    await microvms.terminate("microvm-1");
  });

  it("do not take a page of some proxy for an answer about a MicroVM", async () => {
    const { microvms } = answering({ status: 404 });

    await expect(microvms.get("microvm-1")).rejects.toMatchObject({ name: "RefusedError" });
  });

  it("are sent again when they are throttled", async () => {
    const { microvms, bodies } = answering(
      { status: 429, name: "ThrottlingException" },
      { status: 200, body: launched },
    );

    expect(await microvms.get("microvm-1")).toMatchObject({ state: "PENDING" });

    expect(bodies).toHaveLength(2);
  });

  it.each(["HIBERNATED", ""])("pass on a state that is not known (%j)", async (state) => {
    const { microvms } = answering({ status: 200, body: { state } });

    expect(await microvms.get("microvm-1")).toEqual({ microvmId: "microvm-1", state });
  });

  it("want a state of GetMicrovm", async () => {
    const { microvms } = answering({ status: 200, body: { ...launched, state: undefined } });

    await expect(microvms.get("microvm-1")).rejects.toMatchObject({
      name: "TransientError",
      details: { field: "state" },
    });
  });

  it("leave absent what the service leaves empty", async () => {
    const { microvms } = answering({ status: 200, body: { ...launched, terminatedAt: null, stateReason: null } });

    expect(Object.keys((await microvms.get("microvm-1")) ?? {})).toEqual([
      "microvmId",
      "state",
      "imageVersion",
      "startedAt",
    ]);
  });
});

import { afterAll, describe, expect, it } from "vitest";
import { createLambdaMicrovms } from "../../../dispatcher/aws/lambda-microvms.ts";
import { ThrottledError } from "../../../dispatcher/errors.ts";
import type { Microvms } from "../../../dispatcher/ports.ts";
import { createManualClock, type ManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryMicrovms, type MemoryMicrovms } from "../../../lab/world/services/memory-microvms.ts";
import type { LocalServer } from "../../support/local-server.ts";
import { startMicrovmsServer } from "../../support/microvms-server.ts";
import { SAMPLE_RUN_INPUT } from "../../support/sample-job.ts";
import { createSecretWatch } from "../../support/secret-watch.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../../support/signed-fetch-for.ts";

interface Subject {
  microvms: Microvms;
  memory: MemoryMicrovms;
  clock: ManualClock;
}
type Options = { rate?: { perSecond: number; burst: number }; maxAlive?: number };

const secrets = createSecretWatch();
secrets.addSecret(SAMPLE_RUN_INPUT.runHookPayload);
secrets.addSecret(LOCAL_CREDENTIALS.secretAccessKey);
secrets.addSecret(LOCAL_CREDENTIALS.sessionToken);

const servers: LocalServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

async function inMemory(options: Options = {}): Promise<Subject> {
  const clock = createManualClock();
  const memory = createMemoryMicrovms({ clock, ...options });
  return { microvms: secrets.watch<Microvms>(memory), memory, clock };
}

async function overHttp(options: Options = {}): Promise<Subject> {
  const { memory, clock } = await inMemory(options);
  const server = await startMicrovmsServer(memory);
  servers.push(server);
  return { microvms: secrets.watch(createLambdaMicrovms(signedFetchFor("lambda", server.url))), memory, clock };
}

const implementations: [string, (options?: Options) => Promise<Subject>][] = [
  ["in memory", inMemory],
  ["Lambda MicroVMs", overHttp],
];
const input = SAMPLE_RUN_INPUT;

describe.each(implementations)("MicroVMs, %s", (_, create) => {
  it("starts a MicroVM and shows it until it is forgotten", async () => {
    const { microvms, clock } = await create();

    const started = await microvms.run(input);
    expect(started).toEqual({
      microvmId: started.microvmId,
      state: "PENDING",
      imageVersion: "3.0",
      startedAt: clock.now(),
    });

    clock.advance(10);
    expect(await microvms.get(started.microvmId)).toEqual({ ...started, state: "RUNNING" });
    await microvms.terminate(started.microvmId);
    clock.advance(10);
    expect(await microvms.get(started.microvmId)).toMatchObject({
      state: "TERMINATED",
      terminatedAt: new Date(clock.now().getTime() - 7_000),
      stateReason: "Success.",
    });
    clock.advance(2 * 86_400);
    expect(await microvms.get(started.microvmId)).toBeUndefined();
  });

  it("passes everything on that the MicroVM is launched with", async () => {
    const { microvms, memory } = await create();

    await microvms.run(input);
    const { imageVersion: _, ...latest } = input;
    await microvms.run({ ...latest, clientToken: "gha-11-2" });

    expect(memory.all().map((microvm) => microvm.input)).toEqual([input, { ...latest, clientToken: "gha-11-2" }]);
  });

  it("knows nothing of an id that was never given", async () => {
    const { microvms } = await create();

    expect(await microvms.get("microvm/of?no#one")).toBeUndefined();
    await microvms.terminate("microvm/of?no#one");
  });

  it("terminates what is terminated already", async () => {
    const { microvms, clock } = await create();
    const { microvmId } = await microvms.run(input);

    await microvms.terminate(microvmId);
    clock.advance(60);
    await microvms.terminate(microvmId);

    expect((await microvms.get(microvmId))?.state).toBe("TERMINATED");
  });

  it("names one MicroVM by one token, also when it is gone", async () => {
    const { microvms, memory, clock } = await create();
    const first = await microvms.run(input);
    await microvms.terminate(first.microvmId);
    clock.advance(60);

    expect(await microvms.run(input)).toEqual(first);

    expect(memory.all()).toHaveLength(1);
  });

  it("refuses a token that was used with another input", async () => {
    const { microvms } = await create();
    await microvms.run(input);

    await expect(microvms.run({ ...input, runHookPayload: "b3RoZXI" })).rejects.toMatchObject({
      name: "ClientTokenReusedError",
    });
  });

  it("ends a MicroVM at its maximum duration", async () => {
    const { microvms, clock } = await create();
    const { microvmId } = await microvms.run({ ...input, maxDurationSeconds: 60 });

    clock.advance(70);

    expect(await microvms.get(microvmId)).toMatchObject({ state: "TERMINATED", stateReason: /lifetime/ });
  });

  it("says why it cannot launch now", async () => {
    const { microvms, memory } = await create({ maxAlive: 1 });
    const next = (clientToken: string) => microvms.run({ ...input, clientToken });

    await next("gha-1-1");
    await expect(next("gha-2-1")).rejects.toMatchObject({ name: "ThrottledError", reason: "quota" });
    memory.setImage("updating");
    await expect(next("gha-2-1")).rejects.toMatchObject({ name: "ThrottledError", reason: "image" });
    memory.setImage("active");
    memory.failNext("run", new ThrottledError("no room", { reason: "capacity" }));
    await expect(next("gha-2-1")).rejects.toMatchObject({ name: "ThrottledError", reason: "capacity" });

    expect(memory.all()).toHaveLength(1);
  });

  it("is throttled above its rate, once for each call", async () => {
    const { microvms, memory, clock } = await create({ rate: { perSecond: 1, burst: 1 } });
    await microvms.run(input);

    await expect(microvms.run({ ...input, clientToken: "gha-12-1" })).rejects.toMatchObject({ reason: "rate" });
    expect(memory.throttledCount()).toBe(1);

    clock.advance(1);
    await microvms.run({ ...input, clientToken: "gha-12-1" });
    expect(memory.alive()).toHaveLength(2);
  });

  it("refuses a payload that is too long without repeating it", async () => {
    const { microvms } = await create();
    const runHookPayload = input.runHookPayload.repeat(200);

    await expect(microvms.run({ ...input, runHookPayload })).rejects.toMatchObject({ name: "RefusedError" });
  });
});

describe("a lost answer of RunMicrovm", () => {
  it("leads to one MicroVM, whose answer is that of the first call", async () => {
    const { microvms, memory } = await overHttp();
    memory.failNext("run", "after-effect", 2);

    const started = await microvms.run(input);

    expect(memory.calls.filter((call) => call === "run")).toHaveLength(3);
    expect(memory.all().map(({ microvmId }) => microvmId)).toEqual([started.microvmId]);
  });

  it("stays unknown when a later attempt is throttled", async () => {
    const { microvms, memory } = await overHttp();
    memory.failNext("run", "after-effect");
    memory.failNext("run", new ThrottledError("throttled"));

    await expect(microvms.run(input)).rejects.toMatchObject({ name: "TransientError" });
  });

  it("is a passing failure when no attempt is answered", async () => {
    const { microvms, memory } = await overHttp();
    memory.failNext("run", "after-effect", 3);

    await expect(microvms.run(input)).rejects.toMatchObject({ name: "TransientError" });
  });
});

describe("errors of MicroVMs", () => {
  it("show no secret", () => {
    secrets.expectNoLeak();
  });
});

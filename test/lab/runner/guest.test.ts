import { strToU8, zipSync } from "fflate";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeRunPayload } from "../../../contract/run-payload.ts";
import type { Guest } from "../../../lab/aws/microvms/guest.ts";
import { createProcessGuests, type ProcessGuestOptions } from "../../../lab/runner/guest.ts";
import { buildContext } from "../../../src/bundle/build-context.ts";
import { type FakeGitHub, startFakeGitHub } from "../../microvm/fake-github.ts";

const TIMEOUT_MS = 120_000;

let context: Awaited<ReturnType<typeof buildContext>>;
let github: FakeGitHub;
let guests: Guest[];

beforeAll(async () => {
  context = await buildContext();
});
beforeEach(async () => {
  github = await startFakeGitHub();
  guests = [];
});
afterEach(async () => {
  for (const guest of guests) guest.kill();
  await Promise.all(guests.map(({ exited }) => exited));
  await github.close();
});

const zip = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

async function start(
  microvmId: string,
  files: Record<string, string> = context,
  options: ProcessGuestOptions = {},
): Promise<Guest> {
  const guest = await createProcessGuests(options).start({
    microvmId,
    artifact: zip(files),
    environment: {},
    memoryMib: 512,
  });
  guests.push(guest);
  return guest;
}

function runBody(microvmId: string, number: number): string {
  const runHookPayload = encodeRunPayload({
    version: 1,
    launchId: `${number}-1`,
    jitConfig: {
      ".runner": JSON.stringify({ AgentId: String(number), AgentName: `runner-${number}`, ServerUrlV2: github.url }),
      ".credentials": JSON.stringify({ Data: { ClientId: `client-${number}` } }),
    },
    finish: { url: `${github.url}/finish`, expiresAt: 2_000_000_000, mac: "0".repeat(64) },
    region: "eu-central-1",
    maxDurationSeconds: 3_600,
  });
  return JSON.stringify({ microvmId, runHookPayload });
}

describe("a guest", () => {
  it("runs the artifact's supervisor through one job, several at once", async () => {
    const numbers = [1, 2, 3, 4];
    for (const number of numbers) {
      github.offer({ jobId: String(number), name: `job ${number}`, durationMs: 10, result: "success" });
    }

    const exits = await Promise.all(
      numbers.map(async (number) => {
        const guest = await start(`microvm-${number}`);
        expect(await guest.hook("run", runBody(`microvm-${number}`, number), TIMEOUT_MS)).toEqual({ status: 200 });
        return guest.exited;
      }),
    );

    expect(exits).toEqual([0, 0, 0, 0]);
    expect(github.completed.map(({ jobId }) => jobId).sort()).toEqual(["1", "2", "3", "4"]);
    expect(github.finishes).toHaveLength(4);
  });

  it("has Docker when that is asked for", async () => {
    github.offer({ jobId: "1", name: "docker", durationMs: 10, result: "success", dockerNeeded: true });
    const guest = await start("microvm-1", context, { docker: true });
    await guest.hook("run", runBody("microvm-1", 1), TIMEOUT_MS);

    expect(await guest.exited).toBe(0);
    expect(github.completed).toEqual([{ jobId: "1", result: "success" }]);
  });

  it("is gone with its runner as soon as it is killed", async () => {
    github.offer({ jobId: "1", name: "long", durationMs: 600_000, result: "success" });
    const guest = await start("microvm-1");
    await guest.hook("run", runBody("microvm-1", 1), TIMEOUT_MS);
    await expect
      .poll(() => github.calls.filter(({ path }) => path === "/message").length, { timeout: TIMEOUT_MS })
      .toBeGreaterThan(1);

    guest.kill();

    expect(await guest.exited).toBeNull();
    await expect(guest.hook("terminate", "", TIMEOUT_MS)).rejects.toThrow();
    expect(github.completed).toEqual([]);
  });

  it.each([
    ["has no Dockerfile", () => ({ "supervisor.cjs": "" }), "no Dockerfile"],
    ["does not hold the supervisor", () => ({ Dockerfile: context.Dockerfile }), "copies runner.env"],
    ["does not start it", () => ({ ...context, Dockerfile: without(/^CMD.*$/m) }), "starts nothing"],
    ["does not expose the hooks", () => ({ ...context, Dockerfile: without(/^EXPOSE.*$/m) }), "expose the hooks' port"],
  ])("does not start from an artifact that %s", async (_what, files, message) => {
    await expect(start("microvm-1", files())).rejects.toThrow(message);
  });
});

function without(line: RegExp): string {
  return context.Dockerfile.replace(line, "");
}

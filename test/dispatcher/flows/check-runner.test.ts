import { beforeEach, describe, expect, it } from "vitest";
import { createLogger, type LogFields } from "../../../contract/log.ts";
import { NOTHING_REFRESHED } from "../../../dispatcher/core/nothing-refreshed.ts";
import { noteVersion } from "../../../dispatcher/core/refresh-state.ts";
import { NO_HOLD, type RunnerHold } from "../../../dispatcher/core/runner-hold.ts";
import type { RunnerReleases } from "../../../dispatcher/core/runner-releases.ts";
import { NO_RELEASES } from "../../../dispatcher/core/runner-releases.ts";
import { TransientError } from "../../../dispatcher/errors.ts";
import { type CheckRunnerDeps, checkRunner } from "../../../dispatcher/flows/check-runner.ts";
import { createManualClock, type ManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryCell, type MemoryCell } from "../../../lab/world/services/memory-cell.ts";

const HOUR = 3_600;
const sha256 = "a".repeat(64);
const date = new Date("2026-04-20T15:30:55Z");

let clock: ManualClock;
let releases: MemoryCell<RunnerReleases>;
let offered: { filename: string; sha256: string | undefined } | undefined;
let hold: RunnerHold;
let asked: string[];
let lines: ({ level: string; event: string } & LogFields)[];
let deps: CheckRunnerDeps;

beforeEach(() => {
  clock = createManualClock();
  releases = createMemoryCell(NO_RELEASES);
  offered = { filename: "actions-runner-linux-arm64-2.338.0.tar.gz", sha256 };
  hold = NO_HOLD;
  asked = [];
  lines = [];
  const image = noteVersion(NOTHING_REFRESHED, "1.0", {
    ...{ runner: "2.337.0", runnerSha256: sha256, builtMs: 0, context: "c", key: "k" },
    ...{ base: "1", baseImageArn: "arn", own: false },
  });
  deps = {
    github: {
      newest: async () => offered,
      async refusedFrom(version) {
        asked.push(version);
        return version === "2.337.0" ? date : null;
      },
    },
    releases,
    image: { read: async () => image },
    hold: { read: async () => hold },
    enforced: true,
    clock,
    log: createLogger((line) => lines.push(JSON.parse(line) as (typeof lines)[number])),
  };
});

describe("checkRunner", () => {
  it("notes what GitHub offers, and the dates of that and of what is in the image", async () => {
    expect(await checkRunner(deps)).toBe("checked");
    expect(releases.now()).toEqual({
      checkedMs: clock.now().getTime(),
      enforced: true,
      releases: [{ version: "2.338.0", sha256, seenMs: clock.now().getTime() }],
      refusedFromMs: { "2.338.0": null, "2.337.0": date.getTime() },
    });
    expect(lines).toEqual([expect.objectContaining({ event: "runner.checked", newest: "2.338.0", isNew: true })]);
  });

  it("asks every six hours", async () => {
    await checkRunner(deps);
    clock.advance(6 * HOUR - 1);
    expect(await checkRunner(deps)).toBe("not-due");
    clock.advance(1);
    expect(await checkRunner(deps)).toBe("checked");
    expect(lines.at(-1)).toMatchObject({ isNew: false });
  });

  it("asks at once after a runner was refused, and once for it", async () => {
    await checkRunner(deps);
    clock.advance(60);
    hold = { ...NO_HOLD, imageVersion: "1.0", refusedMs: clock.now().getTime() };
    clock.advance(60);
    expect(await checkRunner(deps)).toBe("checked");
    expect(await checkRunner(deps)).toBe("not-due");
  });

  it("leaves out what GitHub does not know", async () => {
    deps.github.refusedFrom = async (version) => (version === "2.338.0" ? undefined : null);
    await checkRunner(deps);
    expect(releases.now().refusedFromMs).toEqual({ "2.337.0": null });
  });

  it.each([
    ["nothing", undefined, "download"],
    ["no checksum", { filename: "actions-runner-linux-arm64-2.338.0.tar.gz", sha256: undefined }, "sha256_checksum"],
    ["half a checksum", { filename: "actions-runner-linux-arm64-2.338.0.tar.gz", sha256: "abc" }, "sha256_checksum"],
    ["a version of another shape", { filename: "actions-runner-linux-arm64-3.0.0.tar.gz", sha256 }, "version"],
    ["another name", { filename: "actions-runner-linux-x64-2.338.0.tar.gz", sha256 }, "version"],
    ["more than a name", { filename: "../actions-runner-linux-arm64-2.338.0.tar.gz", sha256 }, "version"],
  ])("writes nothing when GitHub answers %s", async (_, answer, missing) => {
    offered = answer;
    expect(await checkRunner(deps)).toBe("unreadable");
    expect(releases.now()).toBe(NO_RELEASES);
    expect(lines).toEqual([expect.objectContaining({ level: "error", event: "runner.unreadable", missing })]);
  });

  it("writes nothing when GitHub does not answer, and asks again", async () => {
    const { refusedFrom } = deps.github;
    deps.github.refusedFrom = async () => {
      throw new TransientError("no answer");
    };
    await expect(checkRunner(deps)).rejects.toThrow(TransientError);
    expect(releases.now()).toBe(NO_RELEASES);
    deps.github.refusedFrom = refusedFrom;
    expect(await checkRunner(deps)).toBe("checked");
  });

  it("asks a server that refuses no runner for its downloads alone", async () => {
    await checkRunner({ ...deps, enforced: false });
    expect(asked).toEqual([]);
    expect(releases.now()).toMatchObject({ enforced: false, refusedFromMs: {} });
  });
});

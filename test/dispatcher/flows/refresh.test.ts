import { beforeEach, describe, expect, it } from "vitest";
import { runnerOf } from "../../../dispatcher/core/build-context.ts";
import { NO_HOLD } from "../../../dispatcher/core/runner-hold.ts";
import { noteReleases } from "../../../dispatcher/core/runner-releases.ts";
import { RefusedError, TransientError } from "../../../dispatcher/errors.ts";
import { refresh } from "../../../dispatcher/flows/refresh.ts";
import { readZip } from "../../../dispatcher/zip.ts";
import { createManualClock, type ManualClock } from "../../../lab/world/services/manual-clock.ts";
import {
  checksumOf,
  createRefreshBench,
  type RefreshBench,
  type RefreshBenchOptions,
} from "../../../lab/world/services/refresh-bench.ts";

const TICK = 300;
const HOUR = 3_600;
const DAY = 24 * HOUR;

let clock: ManualClock;
let bench: RefreshBench;

function begin(options: Partial<RefreshBenchOptions> = {}, runner = "2.337.0"): void {
  bench = createRefreshBench({ clock, ...options });
  bench.apply(runner);
  clock.advance(HOUR * 2);
}

const run = (rebuild = false) => refresh(bench.deps, { rebuild });

/** GitHub offers a release, and refuses others from their dates on. */
function offer(version: string, dates: Record<string, number | null> = {}): void {
  const newest = { version, sha256: checksumOf(version) };
  const known = bench.releases.now();
  void bench.releases.update(() =>
    noteReleases(known, { newest, enforced: true, refusedFromMs: { [version]: null, ...dates } }, clock.now()),
  );
}

async function ticks(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += TICK) {
    clock.advance(TICK);
    await run().catch(() => undefined);
  }
}

const inEffect = () => bench.image.launched();
const lastBuild = () => bench.image.builds().at(-1);

beforeEach(() => {
  clock = createManualClock(new Date("2026-03-02T10:00:00Z"));
  begin();
});

describe("a new release", () => {
  beforeEach(async () => {
    await run();
    offer("2.338.0");
    clock.advance(3 * DAY);
  });

  it("is built into the image with everything else as it was", async () => {
    expect(await run()).toEqual({ outcome: "build", rule: "renew", imageVersion: "2.0" });
    const [first, second] = bench.image.builds();
    const { codeArtifact, ...rest } = second?.configuration ?? {};
    const { codeArtifact: before, ...was } = first?.configuration ?? {};
    expect(rest).toEqual(was);
    expect(codeArtifact).not.toEqual(before);
    await ticks(TICK);
    expect(inEffect()).toMatchObject({ version: "2.0", runner: "2.338.0" });
    expect(bench.events()).toEqual(["refresh.begun", "refresh.built"]);
  });

  it("comes with its checksum and the day, in a context that is otherwise the same", async () => {
    await run();
    const [, , made = ""] = bench.bucket.keys();
    const context = readZip(bench.bucket.peek(made) ?? new Uint8Array());
    expect(runnerOf(context)).toEqual({
      RUNNER_VERSION: "2.338.0",
      RUNNER_SHA256: checksumOf("2.338.0"),
      BUILT: "2026-03-05",
    });
    expect([...context.keys()]).toEqual(["Dockerfile", "runner.env"]);
  });

  it("is built once, whatever runs at the same time", async () => {
    await Promise.all([run(), run(), run()]);
    expect(bench.image.builds()).toHaveLength(2);
    await ticks(HOUR);
    expect(bench.image.builds()).toHaveLength(2);
  });

  it("waits while something that the image downloads cannot be reached", async () => {
    let isDown = true;
    bench.deps.reach = async (url) => !(isDown && url.includes("gh_2.1.0"));
    expect(await run()).toEqual({ outcome: "unreachable", rule: "renew" });
    expect(bench.image.builds()).toHaveLength(1);
    expect(bench.lines.at(-1)).toMatchObject({
      event: "refresh.unreachable",
      urls: ["https://github.com/cli/cli/releases/download/v2.1.0/gh_2.1.0_linux_arm64.tar.gz"],
    });
    isDown = false;
    expect(await run()).toMatchObject({ outcome: "build" });
  });

  it("looks at the runner's own archive before it is built", async () => {
    await run();
    expect(bench.reached[0]).toBe(
      "https://github.com/actions/runner/releases/download/v2.338.0/actions-runner-linux-arm64-2.338.0.tar.gz",
    );
  });

  it("is told and not built by a watch, which writes nothing into the bucket", async () => {
    begin({ environment: { MODE: "watch" } });
    await run();
    offer("2.338.0");
    clock.advance(3 * DAY);
    expect(await run()).toEqual({ outcome: "due", rule: "renew", imageVersion: "1.0" });
    expect(bench.image.builds()).toHaveLength(1);
    expect(bench.bucket.keys()).toHaveLength(1);
    expect(bench.lines.at(-1)).toMatchObject({ level: "warn", event: "refresh.due" });
  });

  it("finds its build when the answer was lost, and takes it for its own", async () => {
    bench.image.failNext("update", "after-effect");
    await expect(run()).rejects.toThrow(TransientError);
    await ticks(2 * TICK);
    expect(bench.image.builds()).toHaveLength(2);
    expect(bench.state.now()).toMatchObject({ lastOwn: "2.0" });
    expect(bench.state.now().build).toBeUndefined();
    expect(bench.events()).toContain("refresh.built");
  });

  it("is asked for again when the call never arrived", async () => {
    bench.image.failNext("update", new TransientError("no answer"));
    await expect(run()).rejects.toThrow(TransientError);
    await ticks(TICK);
    expect(bench.events()).toContain("refresh.not_begun");
    expect(bench.image.builds()).toHaveLength(2);
  });

  it("waits for an image that an apply builds, and is built from what that brought", async () => {
    const put = bench.deps.code.put;
    // Between the reading of the plan and the call.
    bench.deps.code = {
      ...bench.deps.code,
      put: async (key, bytes) => {
        await put(key, bytes);
        if (bench.image.now() !== "UPDATING") bench.apply("2.337.0", { memoryMib: 4_096 });
      },
    };
    expect(await run()).toEqual({ outcome: "put-off" });
    bench.deps.code = { ...bench.deps.code, put };
    await ticks(2 * HOUR);
    expect(lastBuild()).toMatchObject({
      version: "3.0",
      configuration: { resources: [{ minimumMemoryInMiB: 4_096 }] },
    });
    expect(bench.state.now().failures).toEqual({});
  });

  it("never leaves an apply's change covered by an older copy of the configuration", async () => {
    const show = bench.deps.image.show;
    const stale = bench.image.show("1.0");
    bench.apply("2.337.0", { memoryMib: 4_096 });
    clock.advance(HOUR - TICK);
    // The copy was read before the apply, and the call is made after it: a hand that was asleep for an hour.
    bench.deps.image = {
      ...bench.deps.image,
      show: () => stale,
      versions: async () => (await bench.image.versions()).filter(({ version }) => version === "1.0"),
      state: async () => "CREATED",
    };
    await run();
    expect(bench.events()).toContain("refresh.overtaken");
    bench.deps.image = { ...bench.image, show };
    await ticks(HOUR);
    expect(inEffect()).toMatchObject({
      runner: "2.338.0",
      configuration: { resources: [{ minimumMemoryInMiB: 4_096 }] },
    });
  });

  it("counts a refusal of the call as a failure, so that it is not repeated every five minutes", async () => {
    bench.image.failNext("update", new RefusedError("no iam:PassRole"), 2);
    await expect(run()).rejects.toThrow(RefusedError);
    await ticks(TICK * 2);
    expect(bench.image.calls.filter((call) => call === "update")).toHaveLength(1);
    await ticks(TICK * 11);
    expect(bench.image.calls.filter((call) => call === "update").length).toBe(2);
    expect(bench.state.now().lastOwn).toBeUndefined();
  });
});

describe("a build that fails", () => {
  it("is told with its reason, healed at once, and tried again after a quarter of an hour", async () => {
    let failing = 1;
    begin({ fails: ({ version }) => (version !== "1.0" && failing-- > 0 ? "exit code 22" : undefined) });
    await run();
    offer("2.338.0");
    clock.advance(3 * DAY);
    await run();
    await ticks(TICK);
    expect(bench.lines).toContainEqual(
      expect.objectContaining({
        level: "error",
        event: "refresh.build_failed",
        reason: "exit code 22",
        imageVersion: "2.0",
      }),
    );
    expect(lastBuild()).toMatchObject({ version: "3.0", runner: "2.337.0" });
    await ticks(4 * TICK);
    expect(inEffect()).toMatchObject({ version: "4.0", runner: "2.338.0" });
  });

  it("of an apply that was reverted is healed from the kept copy, though Terraform's object is gone", async () => {
    let failing = false;
    begin({ fails: () => (failing ? "NotStabilized" : undefined) });
    await run();
    failing = true;
    bench.apply("2.337.0", { dockerfile: "FROM base\nCOPY runner.env /\nRUN false" });
    clock.advance(TICK);
    expect(bench.image.now()).toBe("UPDATE_FAILED");
    failing = false;
    await ticks(HOUR);
    expect(bench.image.now()).toBe("UPDATED");
    expect(inEffect()).toMatchObject({ version: "3.0", runner: "2.337.0" });
  });

  it("is left to a person where its context is gone", async () => {
    await run();
    for (const key of bench.bucket.keys()) bench.bucket.remove(key);
    expect(await run(true)).toEqual({ outcome: "no-context", rule: "age" });
    expect(bench.lines.at(-1)).toMatchObject({ level: "error", event: "refresh.no_context" });
  });
});

describe("a runner that GitHub refuses", () => {
  it("is replaced at once, with a build that lets everything else pass, and told of", async () => {
    await run();
    offer("2.338.0", { "2.337.0": clock.now().getTime() });
    expect(await run()).toMatchObject({ outcome: "build", rule: "rescue" });
    await ticks(TICK);
    expect(bench.events()).toEqual(["refresh.begun", "refresh.built", "refresh.rescued"]);
    const key = bench.bucket.keys().at(-1) ?? "";
    expect(runnerOf(readZip(bench.bucket.peek(key) ?? new Uint8Array()))).toMatchObject({ RESCUE: "1" });
    expect(await run(true)).toMatchObject({ outcome: "build", rule: "age" });
    const next = bench.bucket.keys().at(-1) ?? "";
    expect(runnerOf(readZip(bench.bucket.peek(next) ?? new Uint8Array()))).not.toHaveProperty("RESCUE");
  });

  it("and that it calls current is withdrawn without a build, and not taken again", async () => {
    await run();
    offer("2.338.0");
    await ticks(3 * DAY + HOUR);
    expect(inEffect()).toMatchObject({ version: "2.0" });
    await bench.hold.update(() => ({
      imageVersion: "2.0",
      launchIds: [],
      known: true,
      refusedMs: clock.now().getTime(),
      probedMs: 0,
    }));
    expect(await run()).toEqual({ outcome: "withdraw", imageVersion: "2.0" });
    expect(inEffect()).toMatchObject({ version: "1.0", runner: "2.337.0" });
    expect(bench.lines.at(-1)).toMatchObject({ level: "error", event: "refresh.withdrawn", runner: "2.338.0" });
    await bench.hold.update(() => NO_HOLD);
    await ticks(DAY);
    expect(bench.image.builds()).toHaveLength(2);
    offer("2.339.0");
    await ticks(3 * DAY + HOUR);
    expect(inEffect()).toMatchObject({ runner: "2.339.0" });
  });

  it("holds nobody any more once launches get another, also where somebody applied it and only a watch sees it", async () => {
    begin({ environment: { MODE: "watch" } });
    await run();
    const [launchIds, nowMs] = [["1-1", "2-1"], clock.now().getTime()];
    await bench.hold.update(() => ({ imageVersion: "1.0", launchIds, known: true, refusedMs: nowMs, probedMs: nowMs }));
    // Built again with the same runner: who waits for another gets none.
    bench.apply("2.337.0", { memoryMib: 4_096 });
    await ticks(TICK);
    expect(bench.hold.now()).toMatchObject({ imageVersion: "1.0" });
    bench.apply("2.338.0");
    await ticks(TICK);
    expect(bench.hold.now()).toEqual(NO_HOLD);
    expect(bench.events()).toContain("refresh.hold_lifted");
  });

  it("is only told of by a watch", async () => {
    begin({ environment: { MODE: "watch" } });
    await run();
    offer("2.338.0", { "2.337.0": clock.now().getTime() });
    expect(await run()).toMatchObject({ outcome: "due", rule: "rescue" });
  });
});

describe("each run", () => {
  it("tells what launches get, how long that lasts and what is due", async () => {
    await run();
    offer("2.338.0");
    await run();
    expect(bench.lines.slice(-2)).toEqual([
      expect.objectContaining({
        ...{ event: "refresh.checked", mode: "auto", imageVersion: "1.0", runner: "2.337.0" },
        ...{ newestRunner: "2.338.0", plan: "rest" },
      }),
      { level: "info", event: "runner.days_left", daysLeft: 30, runner: "2.337.0", imageVersion: "1.0" },
    ]);
  });

  it("tells it of the pinned version where there is one", async () => {
    begin({ environment: { MODE: "watch", IMAGE_VERSION: "1.0" } });
    await run();
    bench.apply("2.338.0");
    clock.advance(HOUR);
    await run();
    expect(bench.lines.at(-1)).toMatchObject({ imageVersion: "1.0", runner: "2.337.0" });
    expect(Object.keys(bench.state.now().versions)).toEqual(["1.0", "2.0"]);
  });

  it("says that a Dockerfile of one's own which does not follow runner.env cannot be looked after", async () => {
    bench.apply("2.337.0", { dockerfile: "FROM base" });
    clock.advance(HOUR);
    expect(await run()).toEqual({ outcome: "rest" });
    expect(bench.lines.map(({ event }) => event)).toEqual([
      "refresh.no_runner",
      "refresh.unreadable",
      "refresh.checked",
    ]);
  });

  it("tells of a build that does not end", async () => {
    begin({ buildSeconds: 2 * HOUR });
    clock.advance(HOUR);
    await run();
    await run(true);
    await ticks(HOUR);
    expect(bench.lines.at(-1)).toMatchObject({ level: "error", event: "refresh.stuck", rule: "age" });
    await ticks(HOUR);
    expect(bench.events().at(-1)).toBe("refresh.built");
  });

  it("fails when the service does, and goes on from there", async () => {
    bench.image.failNext("versions", new TransientError("no answer"));
    await expect(run()).rejects.toThrow(TransientError);
    expect(bench.lines.at(-1)).toMatchObject({ level: "error", event: "refresh.failed" });
    expect(await run()).toEqual({ outcome: "rest" });
  });

  it("leaves the last ten versions alone, and says whose matter they are", async () => {
    for (let number = 2; number <= 40; number++) {
      bench.apply("2.337.0");
      clock.advance(HOUR);
    }
    expect(await run(true)).toEqual({ outcome: "wait", rule: "age" });
    expect(bench.lines.at(-1)).toMatchObject({ level: "error", event: "refresh.too_many_versions", versions: 40 });
  });
});

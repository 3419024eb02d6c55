import { describe, expect, it } from "vitest";
import { NO_HOLD, type RunnerHold } from "../../../dispatcher/core/runner-hold.ts";
import { NotFoundError, RefusedError, ThrottledError, TransientError } from "../../../dispatcher/errors.ts";
import { type CheckRunnerDeps, checkRunner } from "../../../dispatcher/flows/check-runner.ts";
import { refresh } from "../../../dispatcher/flows/refresh.ts";
import type { RefreshDeps } from "../../../dispatcher/flows/refresh-deps.ts";
import type { CalendarRelease } from "../../../lab/world/releases.ts";
import { createManualClock, type ManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryRunnerApi } from "../../../lab/world/services/memory-runner-api.ts";
import { createRefreshBench, type RefreshBench } from "../../../lab/world/services/refresh-bench.ts";

const TICK = 300;
const HOUR = 3_600;
const DAY = 24 * HOUR;
/**
 * A refused call waits a quarter of an hour, a refused image heals at once: half a day is far more than any of it
 * takes.
 */
const MAX_TICKS = 150;

/**
 * What can become of one call; `crash-*`: the process ends just before or after it, and nothing of ours runs any more.
 */
const FAULTS = [
  "error",
  "lost-answer",
  "throttled",
  "busy",
  "refused",
  "not-found",
  "crash-before",
  "crash-after",
] as const;
type Fault = (typeof FAULTS)[number];

const ERRORS: Partial<Record<Fault, () => Error>> = {
  error: () => new TransientError("no answer"),
  throttled: () => new ThrottledError("throttled"),
  busy: () => new ThrottledError("the image is in state UPDATING", { reason: "image" }),
  refused: () => new RefusedError("no policy allows it"),
  "not-found": () => new NotFoundError("not found"),
};

/** Counts the calls of ports, and has one of them go wrong. */
class Gate {
  readonly names: string[] = [];
  private readonly at: number;
  private readonly fault: Fault | undefined;
  private kill: () => void = () => undefined;

  constructor(at = -1, fault?: Fault) {
    this.at = at;
    this.fault = fault;
  }

  /** Runs one invocation to its end, however it comes to it. */
  async invoke(run: () => Promise<unknown>): Promise<void> {
    const killed = new Promise<void>((resolve) => {
      this.kill = resolve;
    });
    await Promise.race([run().catch(() => undefined), killed]);
  }

  around<T extends object>(name: string, port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => this.call(`${name}.${String(key)}`, () => value.apply(target, args));
      },
    });
  }

  async call<T>(name: string, effect: () => T): Promise<Awaited<T>> {
    const fault = this.names.length === this.at ? this.fault : undefined;
    this.names.push(name);
    if (fault === "crash-before") return this.die();
    const error = fault === undefined ? undefined : ERRORS[fault]?.();
    if (error !== undefined) throw error;
    const value = await effect();
    if (fault === "crash-after") return this.die();
    if (fault === "lost-answer") throw new TransientError("the answer was lost");
    return value;
  }

  private die(): Promise<never> {
    this.kill();
    return new Promise(() => undefined);
  }
}

interface Scene {
  clock: ManualClock;
  bench: RefreshBench;
  releases: CalendarRelease[];
}

interface Scenario {
  name: string;
  /** Builds that fail, by their number. */
  failing?: string;
  bases?: () => { major: string; status: "AVAILABLE" | "DEPRECATED" }[];
  /** Happens once the first version has served for a while; what follows is played with a fault. */
  begin(scene: Scene): void | Promise<void>;
  /** What launches get in the end. */
  runner: string;
  /** What a person must have been told. */
  told: string;
}

const holdFor = (imageVersion: string, refusedMs: number): RunnerHold => ({
  ...{ imageVersion, launchIds: ["1-1", "2-1"], known: true, refusedMs, probedMs: refusedMs },
});
const release = (version: string, publishedMs: number, refusedMs: number | null = null): CalendarRelease => ({
  ...{ version, publishedMs, refusedMs },
});
const publish = ({ clock, releases }: Scene, version: string): void =>
  void releases.push(release(version, clock.now().getTime()));

const SCENARIOS: readonly Scenario[] = [
  {
    name: "a new release",
    async begin(scene) {
      publish(scene, "2.338.0");
      scene.clock.advance(6 * HOUR);
    },
    runner: "2.338.0",
    told: "refresh.built",
  },
  {
    name: "a refused runner",
    async begin(scene) {
      publish(scene, "2.338.0");
      scene.clock.advance(HOUR);
      const nowMs = scene.clock.now().getTime();
      scene.releases[0] = release("2.337.0", 0, nowMs);
      await scene.bench.hold.update(() => holdFor("1.0", nowMs));
    },
    runner: "2.338.0",
    told: "refresh.rescued",
  },
  {
    name: "a build that fails",
    failing: "2.0",
    begin: (scene) => SCENARIOS[1]?.begin(scene),
    runner: "2.338.0",
    told: "refresh.build_failed",
  },
  {
    name: "a release that is refused though it is current",
    async begin(scene) {
      const { bench, clock } = scene;
      publish(scene, "2.338.0");
      await bench.releases.update((known) => ({ ...known, checkedMs: 0 }));
      await tick(scene, new Gate());
      clock.advance(4 * DAY);
      for (let count = 0; count < 4; count++) await tick(scene, new Gate());
      expect(bench.image.launched()).toMatchObject({ runner: "2.338.0" });
      await bench.hold.update(() => holdFor("2.0", clock.now().getTime()));
    },
    runner: "2.337.0",
    told: "refresh.withdrawn",
  },
  {
    name: "an apply that brings an older runner back",
    begin({ bench, clock }) {
      bench.apply("2.336.0", { memoryMib: 4_096 });
      clock.advance(HOUR);
    },
    runner: "2.337.0",
    told: "refresh.built",
  },
  {
    name: "a base that AWS takes away",
    bases: () => [
      { major: "1", status: "DEPRECATED" },
      { major: "2", status: "AVAILABLE" },
    ],
    begin: () => undefined,
    runner: "2.337.0",
    told: "refresh.built",
  },
];

async function tick(scene: Scene, gate: Gate): Promise<void> {
  const { bench, clock, releases } = scene;
  const { deps } = bench;
  clock.advance(TICK);
  const github = gate.around(
    "github",
    createMemoryRunnerApi(clock, () => releases),
  );
  const cells = {
    releases: gate.around("releases", bench.releases),
    hold: gate.around("hold", bench.hold),
    state: gate.around("state", bench.state),
  };
  const asking: CheckRunnerDeps = {
    ...{ github, releases: cells.releases, image: cells.state, hold: cells.hold, clock, log: deps.log },
    enforced: true,
  };
  await gate.invoke(() => checkRunner(asking));
  const building: RefreshDeps = {
    ...{ ...deps, ...cells },
    image: gate.around("image", bench.image),
    code: gate.around("code", bench.bucket),
    reach: (url) => gate.call("reach", () => deps.reach(url)),
  };
  await gate.invoke(() => refresh(building, { rebuild: false }));
}

/** Plays until all is as it should be, and a few runs longer; answers what is wrong in the end. */
async function play(scenario: Scenario, gate: Gate): Promise<{ scene: Scene; wrong: string[] }> {
  const clock = createManualClock(new Date("2026-03-02T10:00:00Z"));
  let calm = true;
  const bench = createRefreshBench({
    clock,
    environment: { SOAK_DAYS: 0 },
    fails: ({ version }) => (version === scenario.failing ? "exit code 22" : undefined),
    bases: () =>
      calm ? [{ major: "1", status: "AVAILABLE" }] : (scenario.bases?.() ?? [{ major: "1", status: "AVAILABLE" }]),
  });
  const scene: Scene = { clock, bench, releases: [release("2.337.0", 0)] };
  bench.apply("2.337.0");
  clock.advance(2 * HOUR);
  await tick(scene, new Gate());
  calm = false;
  await scenario.begin(scene);
  const builds = bench.image.builds().length;
  let rests = 0;
  for (let count = 0; count < MAX_TICKS && rests < 3; count++) {
    await tick(scene, gate);
    rests = wrongOf(scenario, scene).length === 0 ? rests + 1 : 0;
  }
  const wrong = wrongOf(scenario, scene);
  const begun = bench.image.builds().length - builds;
  return { scene, wrong: begun > 4 ? [...wrong, `${begun} builds`] : wrong };
}

function wrongOf({ runner, told, bases }: Scenario, { bench }: Scene): string[] {
  const { image, state, hold } = bench;
  const launched = image.launched();
  const major = image.builds().find(({ version }) => version === launched?.version)?.configuration.baseImageVersion;
  const facts: [string, boolean][] = [
    [`launches get ${launched?.runner}`, launched?.runner === runner],
    [`the base is ${major}`, bases === undefined || major === "2"],
    [`the image is ${image.now()}`, image.now() === "CREATED" || image.now() === "UPDATED"],
    ["a build is thought to be under way", state.now().build === undefined],
    ["launches are held", hold.now() === NO_HOLD || hold.now().imageVersion === undefined],
    [`nobody was told ${told}`, bench.events().includes(told)],
  ];
  return facts.flatMap(([what, isRight]) => (isRight ? [] : [what]));
}

describe.each(SCENARIOS)("with $name", (scenario) => {
  it("nothing is lost by any one call that fails, in whatever way", async () => {
    const plain = new Gate();
    expect((await play(scenario, plain)).wrong).toEqual([]);
    expect(plain.names.length).toBeGreaterThan(20);
    const broken: string[] = [];
    for (const [at, name] of plain.names.entries()) {
      for (const fault of FAULTS) {
        const { wrong } = await play(scenario, new Gate(at, fault));
        for (const each of wrong) broken.push(`call ${at}, ${name}: ${fault}: ${each}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

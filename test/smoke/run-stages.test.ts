import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Journal, newJournal, readJournal, writeJournal } from "../../smoke/journal.ts";
import type { Stage } from "../../smoke/run.ts";
import { type RunOptions, runStages } from "../../smoke/run-stages.ts";
import { STAGES } from "../../smoke/stages/stages.ts";
import type { World } from "../../smoke/world.ts";

const REFUSED = async (): Promise<never> => {
  throw new Error("no stage of these asks the world");
};
const WORLD: World = {
  ...{ kind: "lab", environment: {}, repository: "my-org/shop", githubToken: undefined, github: REFUSED },
  access: { region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } },
  pace: { lookMs: 1, silenceMs: 1, settleMs: 1, tokenAgesMs: [] },
  now: () => new Date(0),
  ...{ sleep: REFUSED, configure: REFUSED, terraform: REFUSED, begin: REFUSED, cancel: REFUSED, tidy: REFUSED },
  ...{ cancelRest: REFUSED, lacking: REFUSED },
};

let folder: string;
let file: string;
let done: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "smoke-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  done = [];
  file = join(folder, `${Math.random()}.json`);
});

const begun = () =>
  newJournal({
    ...{ world: "lab", account: "123456789012", region: "eu-west-1", prefix: "gha-smoke", now: new Date(0) },
    ...{ repository: "my-org/shop", memoryMib: 2_048 },
  });

function stage(name: string, more: Partial<Stage> = {}): Stage {
  return {
    name,
    async carryOut({ journal }) {
      done.push(name);
      journal.notes.runs[name] = 1;
      return [];
    },
    ...more,
  };
}

/** Whatever it does, it does not go well. */
const failing = (name: string, carryOut: Stage["carryOut"]) => stage(name, { carryOut });

const run = (stages: readonly Stage[], journal: Journal, change: Partial<RunOptions> = {}) =>
  runStages(stages, {
    ...{ world: WORLD, journal, file, kinds: [], cleanOnly: false, say: () => undefined, ask: async () => "" },
    signal: new AbortController().signal,
    ...change,
  });

const statuses = ({ stages }: Journal) =>
  Object.fromEntries(Object.entries(stages).map(([name, { status }]) => [name, status]));

const THREE = [stage("make"), stage("use"), stage("remove", { cleans: true })];

describe("a run", () => {
  it.each(["make", "use", "remove"])("goes on after a kill at %s, from what it wrote", async (killed) => {
    const kill = (name: string) => {
      if (name === killed) throw new Error("killed");
    };
    await expect(run(THREE, begun(), { beforeNote: kill })).rejects.toThrow("killed");

    const journal = await readJournal(file);
    if (journal === undefined) throw new Error("nothing was written");
    await run(THREE, journal);
    const names = THREE.map(({ name }) => name);
    expect(done).toEqual(names.flatMap((name) => (name === killed ? [name, name] : [name])));
    expect(await readJournal(file)).toMatchObject({
      stages: Object.fromEntries(names.map((name) => [name, { status: "passed" }])),
      notes: { runs: { make: 1, use: 1, remove: 1 } },
    });
  });

  it("takes everything away after a stage that finds something, and after one that breaks", async () => {
    for (const carryOut of [
      async () => ["it is not so"],
      async () => {
        throw new Error("it is not so");
      },
    ]) {
      const journal = begun();
      await run([failing("make", carryOut), ...THREE.slice(1)], journal);
      expect(statuses(journal)).toEqual({ make: "failed", use: "left out", remove: "passed" });
      expect(journal.stages.make?.problems).toEqual(["it is not so"]);
    }
    expect(done).toEqual(["remove", "remove"]);
  });

  it("goes on taking away when that finds something too", async () => {
    const journal = begun();
    const dirty = stage("dirty", { cleans: true, carryOut: async () => ["a MicroVM is left"] });
    await run([dirty, ...THREE], journal);
    expect(statuses(journal)).toEqual({ dirty: "failed", make: "left out", use: "left out", remove: "passed" });
  });

  it("takes everything away after Ctrl-C, which does not interrupt that", async () => {
    const interruption = new AbortController();
    const journal = begun();
    const interrupted = failing("make", async ({ signal }) => {
      interruption.abort();
      signal.throwIfAborted();
      return [];
    });
    const removal = stage("remove", {
      cleans: true,
      async carryOut({ signal }) {
        signal.throwIfAborted();
        return [];
      },
    });
    await run([interrupted, stage("use"), removal], journal, { signal: interruption.signal });
    expect(statuses(journal)).toEqual({ make: "failed", use: "left out", remove: "passed" });
    expect(journal.stages.make?.problems).toEqual(["interrupted"]);
  });

  it("only takes away when that is asked for", async () => {
    const journal = begun();
    await writeJournal(file, journal);
    await run(THREE, journal, { cleanOnly: true });
    expect(done).toEqual(["remove"]);
  });
});

describe("what cleans up", () => {
  const cleaning = STAGES.filter(({ cleans }) => cleans);

  it("leaves alone what a run that was refused has not made", async () => {
    const journal = begun();
    await run([failing("make", async () => ["the prefix is in use"]), ...cleaning], journal);
    expect(new Set(Object.values(journal.stages).map(({ status }) => status))).toEqual(new Set(["failed", "passed"]));
    expect(cleaning.filter(({ name }) => journal.stages[name]?.status !== "passed")).toEqual([]);
  });

  it("keeps the role for another try where destroy failed", async () => {
    const journal = begun();
    journal.notes.role = true;
    const broken = stage("destroy", { cleans: true, carryOut: async () => ["a table is still in the state"] });
    await run([broken, ...cleaning.slice(-1)], journal);
    expect(journal.stages["role removed"]?.problems).toEqual(["the role smoke-gha-smoke stays: another try needs it"]);
  });
});

it("removes the role last, after all that needs it", () => {
  const cleaning = STAGES.filter(({ cleans }) => cleans).map(({ name }) => name);
  expect(STAGES.slice(-cleaning.length).map(({ name }) => name)).toEqual(cleaning);
  expect(cleaning.at(-1)).toBe("role removed");
});

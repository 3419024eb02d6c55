import { expect, it } from "vitest";
import { playClasses } from "../../../lab/world/play-classes.ts";

const SETS = 20;
const JOBS = 200;

it("in sets of classes that the rule lets stand every job runs as its class says", async () => {
  const all = { classes: 0, swaps: 0, deaths: 0 };
  for (let seed = 1; seed <= SETS; seed++) {
    const { classes, broken, swaps, deaths } = await playClasses(seed, JOBS);
    expect(broken, `seed ${seed}`).toEqual([]);
    all.classes += classes.length;
    all.swaps += swaps;
    all.deaths += deaths;
  }
  expect(all.classes).toBeGreaterThan(3 * SETS);
  expect(all.swaps).toBeGreaterThan(0);
  expect(all.deaths).toBeGreaterThan(0);
});

it("without the rule some job runs on another class's runner", async () => {
  const broken: string[] = [];
  for (let seed = 1; seed <= 3; seed++) broken.push(...(await playClasses(seed, JOBS, { isRuled: false })).broken);
  expect(broken.join("\n")).toMatch(/ran on gha-\d+-1: (imageArn|groupId|egressConnectorArn)/);
});

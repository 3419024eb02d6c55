import { expect, it } from "vitest";
import { legend, WORLD_SCENARIOS } from "../../../lab/simulate/legend.ts";
import { EVENTS } from "../../../lab/world/events.ts";
import { SCENARIOS } from "../../../lab/world/scenarios.ts";
import { SINGLE_EVENTS } from "../../../lab/world/single-events.ts";
import { STORIES } from "../../../lab/world/stories.ts";

it("names a scenario that there is for what a simulation is too short for", () => {
  const names = [...SCENARIOS, ...SINGLE_EVENTS, ...STORIES].map(({ name }) => name);
  const missing = Object.values(WORLD_SCENARIOS).filter((text) => !names.some((name) => name.includes(text)));
  expect(missing).toEqual([]);
});

it("has a line for every kind of event", () => {
  const lines = legend().split("\n");
  for (const kind of Object.keys(EVENTS)) expect(lines.some((line) => line.startsWith(`${kind} `))).toBe(true);
  expect(legend()).toContain("here: RunMicrovm is denied once");
});

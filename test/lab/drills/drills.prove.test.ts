import { beforeAll, describe, expect, it } from "vitest";
import type { Monitoring } from "../../../lab/cloudwatch/definitions.ts";
import { applyAlarms, PREFIX } from "../../../lab/drills/apply-alarms.ts";
import { type Mutation, mutationsOf } from "../../../lab/drills/change-monitoring.ts";
import { problemsOf } from "../../../lab/drills/judge-drill.ts";
import { BLIPS, DRILLS } from "../../../lab/drills/outages.ts";
import { type AlarmHistory, historiesOf, type PlayedDrill, playDrill } from "../../../lab/drills/play-drill.ts";
import { ALARMS } from "../../../src/module/alarm-list.ts";

let monitoring: Monitoring;
const histories = new Map<PlayedDrill, AlarmHistory[]>();

beforeAll(async () => {
  monitoring = await applyAlarms();
}, 300_000);

describe("the applied alarms", () => {
  it.each([...DRILLS, ...BLIPS])(
    "wake whoever they should, and nobody else: $name",
    { timeout: 300_000 },
    async (drill) => {
      const one = await playDrill(drill, PREFIX);
      const changes = historiesOf(one, monitoring, PREFIX);
      histories.set(one, changes);
      expect(problemsOf(one, changes)).toEqual([]);
    },
  );

  it("are each raised in a drill", () => {
    const raised = new Set(DRILLS.flatMap(({ alarms }) => Object.keys(alarms)));
    expect(monitoring.alarms.map(({ name }) => name.slice(PREFIX.length + 1)).sort()).toEqual([...raised].sort());
    expect(ALARMS.map(({ name }) => name).sort()).toEqual([...raised].sort());
  });

  // Judged on what was recorded: nothing is played again.
  it("are each missed in a drill when taken away, and so are threshold and event", { timeout: 300_000 }, () => {
    const unnoticed = mutationsOf(monitoring).filter((mutation) =>
      [...histories].every(([drill, before]) => problemsOf(drill, afterwards(drill, before, mutation)).length === 0),
    );
    expect(unnoticed.map(({ what }) => what)).toEqual([]);
  });
});

function afterwards(drill: PlayedDrill, before: readonly AlarmHistory[], { monitoring: all, touched }: Mutation) {
  const alarms = all.alarms.filter(({ name }) => touched.includes(name));
  const kept = before.filter(({ name }) => !touched.includes(`${PREFIX}-${name}`));
  return [...kept, ...historiesOf(drill, { ...all, alarms }, PREFIX)];
}

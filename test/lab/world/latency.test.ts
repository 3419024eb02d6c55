import { afterAll, expect, it } from "vitest";
import { printTable } from "../../../lab/simulate/print-table.ts";
import { type LatencyFigures, type LatencyOptions, latency } from "../../../lab/world/latency.ts";

/** What a job takes that nobody is before. */
const ONE_JOB_MS = 1_300;
const rows: string[][] = [];
const milestoneRows: string[][] = [];
afterAll(() => console.log(printTable(["One job, from queued", ">ms"], milestoneRows)));
afterAll(() => console.log(printTable(["RunMicrovm", ">Jobs", ">p50", ">p95", ">Last", ">Refused"], rows)));

async function measure(options: LatencyOptions): Promise<LatencyFigures> {
  const figures = await latency(options);
  const { perSecond, takes, jobs, bursts = 1 } = options;
  const service = `${perSecond}/s, takes ${takes}${bursts > 1 ? `, burst ${bursts}` : ""}`;
  rows.push([service, ...[jobs, figures.p50, figures.p95, figures.last, figures.refused].map(String)]);
  return figures;
}

it("makes six calls and the registration's secret before RunMicrovm, in this order", async () => {
  const { callsBefore, last, milestones } = await measure({ jobs: 1, perSecond: 5, takes: 20 });
  expect(callsBefore).toEqual([
    ...["ssm.get", "queue.send"],
    ...["table.get", "table.put", "table.admit", "ssm.get", "github.registerRunner", "table.put", "microvms.run"],
  ]);
  expect(last).toBeLessThanOrEqual(ONE_JOB_MS);
  expect(milestones.map(({ what }) => what)).toEqual([...callsBefore, "launched"]);
  expect(milestones.at(-1)).toEqual({ what: "launched", ms: last });
  milestoneRows.push(...milestones.map(({ what, ms }) => [what, String(ms)]));
});

it("launches the last of twenty jobs as soon as the first where the service takes them at once", async () => {
  const { last, refused } = await measure({ jobs: 20, perSecond: 5, takes: 20 });
  expect(last).toBeLessThanOrEqual(ONE_JOB_MS);
  expect(refused).toBe(0);
});

it.each([1, 2])(
  "launches twenty jobs in 4.8 s where the service keeps to what it publishes, in burst %i",
  async (bursts) => {
    const { last, refused } = await measure({ jobs: 20, perSecond: 5, takes: 5, bursts });
    expect(last).toBeLessThanOrEqual(4_800);
    expect(refused).toBeLessThanOrEqual(bursts === 1 ? 20 : 0);
  },
);

it("is as fast with five invocations at once as with ten", async () => {
  const figures = { jobs: 100, perSecond: 5, takes: 5 };
  const five = await measure({ ...figures, workers: 5 });
  const ten = await measure({ ...figures, workers: 10 });
  expect(five.last).toBeLessThanOrEqual(ten.last);
});

it.each([
  [50, 1],
  [100, 1],
  [100, 2],
])(
  "launches %i jobs in 1.3 times a new account's own time, with two refusals a job at most, in burst %i",
  async (jobs, bursts) => {
    const { last, refused } = await measure({ jobs, perSecond: 1, takes: 1, bursts });
    expect(last - ONE_JOB_MS).toBeLessThanOrEqual(1.3 * jobs * 1_000);
    expect(refused / jobs).toBeLessThanOrEqual(2);
  },
);

it("wastes most calls of a new account when moments from before a refusal are kept", async () => {
  const { refused } = await latency({
    ...{ jobs: 100, perSecond: 1, takes: 1 },
    alter: ({ pace, ...deps }) => ({
      ...deps,
      pace: {
        slowDown: (now, epoch) => pace.slowDown(now, epoch),
        block: (until) => pace.block(until),
        markHeld: (held) => pace.markHeld(held),
        admit: (now, slot, pastHold) =>
          slot && slot.atMs >= now.getTime() - 10_000 ? Promise.resolve(slot) : pace.admit(now, undefined, pastHold),
      },
    }),
  });
  expect(refused / 100).toBeGreaterThan(2);
});

import { expect, it } from "vitest";
import { RecordChangedError, TransientError } from "../../../dispatcher/errors.ts";
import { JobSession } from "../../../dispatcher/flows/job-session.ts";
import { createFlowBench, SHOP } from "../../support/flow-deps.ts";
import { sampleJob } from "../../support/sample-job.ts";

async function raced() {
  const bench = createFlowBench();
  await bench.jobs.put(sampleJob({ repository: SHOP }));
  const session = await JobSession.open(bench.deps, bench.context(), 11);
  const other = await JobSession.open(bench.deps, bench.context(), 11);
  await other.change((record) => ({ ...record, servedBy: "12-1" }), { onConflict: "defer" });
  return { ...bench, session };
}
const conclude = (record: ReturnType<typeof sampleJob>) => ({ ...record, conclusion: "cancelled" });

it("a change after another's takes over what that one wrote, is made anew, or is put off", async () => {
  const reread = await raced();
  expect(await reread.session.change(conclude, { onConflict: "reread" })).toBe("conflict");
  expect(reread.session.record).toMatchObject({ conclusion: "success", servedBy: "12-1", version: 2 });

  const retry = await raced();
  expect(await retry.session.change(conclude, { onConflict: "retry" })).toBe("changed");
  expect(await retry.jobs.get(11)).toMatchObject({ conclusion: "cancelled", servedBy: "12-1", version: 3 });

  const defer = await raced();
  await expect(defer.session.change(conclude, { onConflict: "defer" })).rejects.toBeInstanceOf(RecordChangedError);
});

it("a change that changes nothing writes nothing", async () => {
  const { session, jobs } = await raced();
  const writes = jobs.calls.filter((call) => call === "put").length;
  expect(await session.change((record) => record, { onConflict: "defer" })).toBe("unchanged");
  expect(jobs.calls.filter((call) => call === "put")).toHaveLength(writes);
});

it("a record or a launch that is not there is a fault of the moment", async () => {
  const { deps, context, session } = await raced();
  const none = await JobSession.open(deps, context(), 99);
  expect(() => none.record).toThrow(TransientError);
  expect(() => session.launch(7)).toThrow(TransientError);
});

it("a launch is paid for until its MicroVM died, however late that is seen", async () => {
  const bench = createFlowBench();
  const at = (seconds: number) => new Date(bench.clock.now().getTime() + seconds * 1_000);
  const running = { state: "running", microvmId: "microvm-1", launchedAt: at(-600).toISOString() } as const;
  const [launch] = sampleJob({ repository: SHOP }).launches;
  if (launch === undefined) throw new Error("the sample has no launch");
  await bench.jobs.put(sampleJob({ repository: SHOP, launches: [{ ...launch, ...running }] }));
  const session = await JobSession.open(bench.deps, bench.context(), 11);
  await session.terminate(launch.number, "MicroVM gone", { diedAt: at(-500) });
  expect(bench.lines.map((line) => JSON.parse(line))).toMatchObject([{ event: "launch.ended", seconds: 100 }]);
});

import { expect, it } from "vitest";
import { decodeRunPayload } from "../../../contract/run-payload.ts";
import { inspect } from "../../../lab/world/invariants.ts";
import { createWorld, LABELS, type World } from "../../../lab/world/world.ts";

const REPOSITORY = "acme/shop";

/** A world with one job: its MicroVM is launched at once, its runner is online after 20 seconds and busy for 60. */
function open() {
  const world = createWorld({ seed: 1, repositories: [REPOSITORY] });
  const inspector = inspect(world);
  world.time.after(0, () => world.github.queueJob({ id: 11, repository: REPOSITORY, labels: LABELS }));
  return { world, inspector };
}

async function repeatFinish({ microvms, finish }: World): Promise<boolean> {
  const [instance] = microvms.all();
  if (instance === undefined) throw new Error("no MicroVM was launched");
  const { launchId, finish: given } = decodeRunPayload(instance.input.runHookPayload);
  return finish({ launchId, expiresAt: given.expiresAt, mac: given.mac });
}

it("a finish call that is repeated elsewhere after the end changes nothing", async () => {
  const { world, inspector } = open();
  const terminated: string[] = [];
  world.onTerminate((microvmId) => terminated.push(microvmId));
  const seen: unknown[] = [];
  world.time.after(400, async () => {
    seen.push(await world.jobs.get(11), terminated.length);
    seen.push(await repeatFinish(world));
  });
  await world.time.run(30);

  expect(seen[0]).toMatchObject({ launches: [{ state: "ended" }] });
  expect(seen[2]).toBe(true);
  expect(await world.jobs.get(11)).toEqual(seen[0]);
  expect(terminated).toHaveLength(Number(seen[1]));
  expect(inspector.violations()).toEqual([]);
});

it("a finish call while the runner is busy leaves it its job, however often it comes", async () => {
  const { world, inspector } = open();
  const taken: boolean[] = [];
  for (const second of [40, 45, 50]) world.time.after(second, async () => taken.push(await repeatFinish(world)));
  await world.time.run(30);

  expect(taken).toEqual([true, true, true]);
  expect(world.github.jobs()).toMatchObject([{ status: "completed", conclusion: "success" }]);
  expect(world.microvms.all()).toHaveLength(1);
  expect(inspector.violations()).toEqual([]);
});

it.each([10, 50, 400])("a delivery that is repeated after %i seconds launches nothing", async (second) => {
  const { world, inspector } = open();
  const body = JSON.stringify({
    action: "queued",
    workflow_job: { id: 11, run_id: 110, labels: LABELS },
    repository: { full_name: REPOSITORY, private: true },
  });
  const answers: number[] = [];
  world.time.after(second, async () => answers.push(await world.deliver(body, "delivery-1")));
  await world.time.run(30);

  expect(answers).toEqual([202]);
  expect(world.microvms.all()).toHaveLength(1);
  expect(inspector.violations()).toEqual([]);
});

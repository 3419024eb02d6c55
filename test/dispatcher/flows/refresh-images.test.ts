import { expect, it } from "vitest";
import { INITIAL_DEPLOYMENT } from "../../../dispatcher/core/deployment.ts";
import { NOTHING_REFRESHED } from "../../../dispatcher/core/nothing-refreshed.ts";
import type { DeployedImage } from "../../../dispatcher/core/runner-classes.ts";
import { NO_HOLD } from "../../../dispatcher/core/runner-hold.ts";
import { TransientError } from "../../../dispatcher/errors.ts";
import { refreshImages } from "../../../dispatcher/flows/refresh-images.ts";
import { ofAllImages } from "../../../dispatcher/handlers/of-all-images.ts";
import { createManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createRefreshBench } from "../../../lab/world/services/refresh-bench.ts";

const RUNNER = "2.337.0";

function open() {
  const clock = createManualClock();
  const benches = ["auto", "watch", "default"].map(() => createRefreshBench({ clock, quiet: true }));
  for (const bench of benches) bench.apply(RUNNER);
  // The build has ended, and whoever applied has had time to apply again.
  clock.advance(2 * 3_600);
  const [built, watched, byDefault] = benches as [
    (typeof benches)[number],
    (typeof benches)[number],
    (typeof benches)[number],
  ];
  const images: DeployedImage[] = [
    { name: "one", arn: "arn:one", pinned: [], isBuilt: true },
    { name: "two", arn: "arn:two", pinned: ["1.0"], isBuilt: false },
    { name: undefined, arn: "arn:default", pinned: [], isBuilt: undefined },
  ];
  const benchOf = ({ name }: DeployedImage) => (name === "one" ? built : name === "two" ? watched : byDefault);
  const deps = {
    ...byDefault.deps,
    random: () => 0,
    deployment: { read: async () => INITIAL_DEPLOYMENT },
    of: (image: DeployedImage) => {
      const { image: service, state, hold } = benchOf(image).deps;
      return { image: service, state, hold };
    },
  };
  const deadline = new Date(clock.now().getTime() + 40_000);
  return { deps, images, built, watched, byDefault, deadline, clock };
}

it("each image is looked after by its own state and mode", async () => {
  const { deps, images, built, watched, byDefault, deadline } = open();
  const result = await refreshImages(deps, images, { rebuild: true, deadline });
  expect(result.outcome).toBe("build");
  const isBuilding = [built, watched, byDefault].map((bench) => bench.image.now() === "UPDATING");
  expect(isBuilding).toEqual([true, false, true]);
});

it("one that fails stops no other, and the run fails in the end", async () => {
  const { deps, images, byDefault, deadline } = open();
  const broken = {
    ...deps,
    of: (image: DeployedImage) => (image.name === "one" ? failing(deps.of(image)) : deps.of(image)),
  };
  await expect(refreshImages(broken, images, { rebuild: true, deadline })).rejects.toThrow("no answer");
  expect(byDefault.image.now()).toBe("UPDATING");
});

it("nothing is begun when the time is over", async () => {
  const { deps, images, byDefault, clock } = open();
  await refreshImages(deps, images, { rebuild: true, deadline: clock.now() });
  expect(byDefault.image.now()).not.toBe("UPDATING");
});

function failing<T extends { state: object }>(of: T): T {
  return { ...of, state: { ...of.state, update: () => Promise.reject(new TransientError("no answer")) } };
}

it("GitHub is asked about the runners in all images, and at once after the latest refusal of any", async () => {
  const known = (runner: string) => ({
    ...{ runner, runnerSha256: "a".repeat(64), builtMs: 1, context: "c", key: "k", base: "0" },
    ...{ baseImageArn: "arn", own: false },
  });
  const labels = { required: ["a"], runner: ["a"] };
  const { image, hold } = ofAllImages(
    async () => ({ large: { ...labels, image: "one" }, shared: labels }),
    (name) => ({ read: async () => ({ ...NOTHING_REFRESHED, versions: { "1.0": known(name ?? "default") } }) }),
    (name) => ({ read: async () => ({ ...NO_HOLD, refusedMs: name === "one" ? 7 : 3 }) }),
  );
  expect(Object.values((await image.read()).versions).map(({ runner }) => runner)).toEqual(["default", "one"]);
  expect((await hold.read()).refusedMs).toBe(7);
});

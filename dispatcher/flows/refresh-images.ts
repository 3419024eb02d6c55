import { DEFAULT_CLASS } from "../../contract/runner-classes.ts";
import type { DeploymentState } from "../core/deployment.ts";
import type { OtherImage } from "../core/refresh-turn.ts";
import type { DeployedImage } from "../core/runner-classes.ts";
import { refresh } from "./refresh.ts";
import type { RefreshDeps, RefreshResult } from "./refresh-deps.ts";

/** What looking after all images needs of the world. */
export interface RefreshImagesDeps extends Omit<RefreshDeps, "image" | "state" | "hold" | "others"> {
  /** What one image has of its own. */
  of(image: DeployedImage): Pick<RefreshDeps, "image" | "state" | "hold">;
  /** What all jobs know together: which version of each image was given a job. */
  deployment: { read(): Promise<Pick<DeploymentState, "served">> };
  /** From 0 to 1. */
  random(): number;
}

/**
 * One run over all images, in an order that differs from run to run, since the last may find no time left: the next run
 * is minutes away. One that fails stops no other: the run fails in the end. Returns what became of the default's image.
 */
export async function refreshImages(
  deps: RefreshImagesDeps,
  images: readonly DeployedImage[],
  { rebuild, deadline }: { rebuild: boolean; deadline: Date },
): Promise<RefreshResult> {
  const order = images.map((image) => ({ image, at: deps.random() })).toSorted((a, b) => a.at - b.at);
  const failures: unknown[] = [];
  let result: RefreshResult = { outcome: "put-off" };
  for (const { image } of order) {
    // Nothing that was read is to outlive the invocation.
    if (deps.clock.now() >= deadline) break;
    try {
      const of = await refresh(depsOf(deps, image, images), { rebuild });
      if (image.name === undefined) result = of;
    } catch (error: unknown) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return result;
}

function depsOf(deps: RefreshImagesDeps, image: DeployedImage, images: readonly DeployedImage[]): RefreshDeps {
  const { name, arn, pinned, isBuilt } = image;
  const environment = {
    ...deps.environment,
    IMAGE_ARN: arn,
    ...(name === undefined ? {} : { IMAGE_VERSION: pinned[0] ?? "" }),
    ...(isBuilt === undefined ? {} : { MODE: isBuilt ? ("auto" as const) : ("watch" as const) }),
  };
  return {
    ...deps,
    ...deps.of(image),
    environment,
    others: () => othersOf(deps, image, images),
    log: name === undefined ? deps.log : deps.log.with({ image: name }),
  };
}

async function othersOf(
  deps: RefreshImagesDeps,
  image: DeployedImage,
  images: readonly DeployedImage[],
): Promise<OtherImage[]> {
  const others = images.filter((each) => each !== image);
  if (others.length === 0) return [];
  const { served = {} } = await deps.deployment.read();
  return Promise.all(
    others.map(async (each) => ({
      state: await deps.of(each).state.read(),
      served: served[each.name ?? DEFAULT_CLASS],
    })),
  );
}

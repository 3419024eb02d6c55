/**
 * Classes of runners beside the one that the module's other inputs describe: an SSM parameter, which the functions read
 * by its version. What a class leaves out is as the function's environment has it for the class `default`.
 */
import * as v from "valibot";
import { id, nonEmpty } from "./values.ts";

const labels = v.pipe(v.array(nonEmpty), v.minLength(1));

/** The name of the class that the inputs outside of `runner_classes` describe. */
export const DEFAULT_CLASS = "default";

/**
 * One class as the parameter holds it; short, because all of them have 8 KB. The plan has seen to the bounds of its
 * numbers.
 */
const runnerClass = v.object({
  /** Labels that a job of the class must all carry. */
  required: labels,
  /** Labels that its runners register with. */
  runner: labels,
  /** Names, without the owner, of the repositories that it serves; absent: all that are served. */
  repositories: v.exactOptional(v.array(nonEmpty)),
  /** Runner group of the organization. */
  group: v.exactOptional(id),
  /** How many of its MicroVMs may exist at once, below the bound on all; absent: as many as that one allows. */
  max: v.exactOptional(id),
  /** The service ends its MicroVMs after so many seconds. */
  seconds: v.exactOptional(id),
  /** ARN of the connector through which its jobs reach the network. */
  egress: v.exactOptional(nonEmpty),
  /** Name of its own image; absent: it shares the default's. */
  image: v.exactOptional(nonEmpty),
  /** Version of the image to launch; absent: the latest active one of its own image, else the default's. */
  version: v.exactOptional(nonEmpty),
  /** Its own image is built again by itself; absent: nothing but looked at, since something of it is pinned. */
  built: v.exactOptional(v.literal(true)),
  /**
   * Whether jobs of forks' pull requests to public repositories are served; absent: as the default, but not with
   * `egress`.
   */
  forks: v.exactOptional(v.boolean()),
});

/** By the class's name. */
export const runnerClasses = v.record(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/)), runnerClass);

export type RunnerClassDocument = v.InferOutput<typeof runnerClass>;

export type RunnerClassesDocument = v.InferOutput<typeof runnerClasses>;

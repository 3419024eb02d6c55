import * as v from "valibot";
import { commaSeparated, wholeNumber } from "./environment.ts";
import { LIMITS } from "./limits.ts";
import { nonEmpty } from "./values.ts";

/** Environment of the refresh function, apart from the others: what their files share holds nothing of it. */
export const refreshEnvironment = v.object({
  /** Full ARN of the MicroVM image, as the dispatcher's. */
  IMAGE_ARN: nonEmpty,
  /** Version that the dispatcher launches; absent or empty: the latest active one. */
  IMAGE_VERSION: v.optional(v.string(), ""),
  /** As the dispatcher's: classes may have images of their own. */
  CLASSES_PARAM: v.optional(v.string(), ""),
  /** Name of the DynamoDB jobs table. */
  TABLE_NAME: nonEmpty,
  /** Bucket of the build contexts. */
  CODE_BUCKET: nonEmpty,
  /** `auto`: builds; `watch`: tells what is due and has no right to build. */
  MODE: v.picklist(["auto", "watch"], "must be auto or watch"),
  /** How many days a release of the runner is seen before it is taken. */
  SOAK_DAYS: wholeNumber(LIMITS.runnerSoakDays),
  /** After so many days the image is built again; 0: never for age alone. */
  MAX_AGE_DAYS: v.union([v.pipe(v.literal("0"), v.transform(Number)), wholeNumber(LIMITS.imageMaxAgeDays)]),
  /** Hours of the day, in UTC, in which nothing urgent may be built, comma-separated; absent or empty: any. */
  HOURS_UTC: v.optional(v.pipe(commaSeparated, v.array(wholeNumber(LIMITS.hourUtc))), ""),
  /** Releases of the runner that are never taken, comma-separated. */
  SKIP_RUNNERS: v.optional(commaSeparated, ""),
});

export type RefreshEnvironment = v.InferOutput<typeof refreshEnvironment>;

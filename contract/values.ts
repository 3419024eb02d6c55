/** Schemas of the values that several parts of the contract have. */
import * as v from "valibot";

export const nonEmpty = v.pipe(v.string(), v.nonEmpty("must not be empty"));

/** GitHub's ids are integers that fit a double (2^53); larger ones would have lost digits in JSON already. */
export const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** `owner/name`, by the characters that GitHub allows in each. */
export const repository = v.pipe(v.string(), v.maxLength(140), v.regex(/^[A-Za-z0-9-_.]+\/[A-Za-z0-9-_.]+$/));

/** `<job id>-<launch number>`: names one launch for ever. */
export const launchId = v.pipe(v.string(), v.regex(/^[1-9]\d{0,15}-[1-9]\d{0,3}$/));

/** Name of a kind of runners; the job's page shows it. */
export const runnerClass = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/));

/** A version of actions/runner, such as `2.338.0`. */
export const runnerVersion = v.pipe(v.string(), v.regex(/^\d{1,3}\.\d{1,4}\.\d{1,4}$/));

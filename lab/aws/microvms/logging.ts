import { checkObject, checkString, SHAPES } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";

export interface Logging {
  logGroup?: string;
  logStream?: string;
}

/** Reads the union `{disabled} | {cloudWatch}`; undefined when nothing is to be logged. */
export function readLogging(value: unknown): Logging | undefined {
  const union = checkObject("logging", value);
  if (union === undefined) return undefined;
  const members = ["disabled", "cloudWatch"].filter((name) => union[name] !== undefined && union[name] !== null);
  if (members.length !== 1) {
    throw microvmErrors.validation("logging must have exactly one of the members disabled and cloudWatch");
  }
  const cloudWatch = checkObject("logging.cloudWatch", union.cloudWatch);
  if (cloudWatch === undefined) return undefined;
  const logGroup = checkString("logging.cloudWatch.logGroup", cloudWatch.logGroup, SHAPES.logGroup);
  const logStream = checkString("logging.cloudWatch.logStream", cloudWatch.logStream, SHAPES.logStream);
  return { ...(logGroup === undefined ? {} : { logGroup }), ...(logStream === undefined ? {} : { logStream }) };
}

import type { Problem } from "./behaviour.ts";

const ERROR = 1;
const WARNING = 2;

/** A problem as the protocol's `Diagnostic` message. */
export function diagnostic(problem: Problem, severity: "error" | "warning" = "error"): object {
  return {
    severity: severity === "error" ? ERROR : WARNING,
    summary: problem.summary,
    detail: problem.detail ?? "",
    ...(problem.attribute === undefined ? {} : { attribute: wirePath(problem.attribute) }),
  };
}

/** A path as the protocol's `AttributePath` message. */
export function wirePath(path: readonly (string | number)[]): object {
  return {
    steps: path.map((step) => (typeof step === "number" ? { element_key_int: step } : { attribute_name: step })),
  };
}

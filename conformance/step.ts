import type { Tool } from "./tools/provide-tools.ts";
import type { Need } from "./tools/tools.ts";

/** What a step saw: sentences with the figures read, and what does not hold. */
export interface Outcome {
  shown: readonly string[];
  findings: readonly string[];
  /** Without one that is noticed, a step that finds nothing has shown nothing. */
  controls?: readonly Control[];
}

/** A fault that the step put into a copy, and what its own code then found. */
export interface Control {
  /** Such as `an action without its pin`. */
  fault: string;
  found: readonly string[];
  /** Each has to be part of something found. */
  expected: readonly string[];
}

/** Thrown by a step that this machine cannot run, although the tools are there; the message says why. */
export class NotHereError extends Error {
  override readonly name = "NotHereError";
}

/** One question to tools that nobody here wrote. */
export interface Step {
  name: string;
  /** What it shows when it passes, as README says it. */
  shows: string;
  /** By their names in tools.json: without one of them the step cannot run. */
  tools: readonly string[];
  run(context: Context): Promise<Outcome>;
}

export interface Context {
  /** One that the step names. */
  tool(name: string): Tool;
  /** Write what documents are made from, instead of comparing with it. */
  record: boolean;
}

export type Result =
  | {
      name: string;
      need: Need;
      tools: readonly string[];
      status: "passed" | "failed";
      outcome: Outcome;
      seconds: number;
    }
  | { name: string; need: Need; tools: readonly string[]; status: "not available"; why: string };

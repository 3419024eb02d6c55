import type { Tool } from "./tools/provide-tools.ts";
import type { Need } from "./tools/tools.ts";

/** What a step saw: sentences with the figures read, and what does not hold. */
export interface Outcome {
  shown: readonly string[];
  findings: readonly string[];
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

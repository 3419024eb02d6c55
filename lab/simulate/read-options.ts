import { parseArgs } from "node:util";

/** Something is wrong with how the command was written; the message is one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface SimulateOptions {
  readonly jobs: number;
  readonly faults: boolean;
  readonly svg: string | undefined;
  readonly outage: string | undefined;
  readonly day: boolean;
}

export const HELP = `npx projen simulate -- [--jobs N] [--faults] [--svg FILE] [--outage NAME] [--day]

Applies examples/github-app with Terraform to a simulated account and GitHub, runs queued jobs through it, and prints their
way and what is left in the end.

  --jobs N        1 to 999 jobs instead of one
  --faults        lets something go wrong on the way of each
  --svg FILE      draws the first job's way, or with --day the dashboard
  --outage NAME   a fire drill instead: which alarms go off, and when, in virtual time; list names the outages
  --day           a day instead, in virtual time, and what the dashboard shows of it

Exit codes: 0 every job is over and nothing is left; 1 not so; 2 wrong arguments, or no Terraform 1.9 or later; 130 Ctrl-C.
\`npx projen\` itself answers 1 for each but 0.`;

/** Reads the command line; throws {@link UsageError} with one line. */
export function readOptions(args: readonly string[]): SimulateOptions | "help" {
  const { values } = parse(args.filter((argument) => argument !== "--"));
  if (values.help) return "help";
  if (!/^[1-9]\d{0,2}$/.test(values.jobs)) {
    throw new UsageError(`--jobs must be a whole number from 1 to 999, not ${values.jobs}`);
  }
  return { jobs: Number(values.jobs), faults: values.faults, svg: values.svg, outage: values.outage, day: values.day };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        jobs: { type: "string", default: "1" },
        faults: { type: "boolean", default: false },
        svg: { type: "string" },
        outage: { type: "string" },
        day: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error: unknown) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new UsageError(`${line.replace(/\.$/, "")}; write npx projen simulate -- --help`);
  }
}

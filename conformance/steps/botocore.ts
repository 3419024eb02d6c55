import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, startLab } from "../../lab/lab.ts";
import { leftoversOf } from "../../lab/simulate/timeline.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { type RecordedCall, recordCall, withoutHeader } from "../recorded-calls.ts";
import { mustRun } from "../run-program.ts";
import type { Step } from "../step.ts";

const LABELS = ["self-hosted", "linux", "arm64", "microvm"];
const FUNCTIONS_ON_A_SCHEDULE = ["redeliver", "prune", "refresh"];
const PATIENCE_MS = 240_000;

/** All calls that the functions make for one job, and in one run of each schedule. */
async function recordRun(): Promise<RecordedCall[]> {
  const lab = await startLab({ delaySpeed: 30 });
  try {
    await lab.terraform.init();
    await lab.terraform.apply();
    await lab.github.deliveries.settled();
    const job = lab.github.queueJob({ repository: "my-org/shop", labels: LABELS, durationMs: 200 });
    await until(lab, () => job.status === "completed" && leftoversOf(lab).length === 0);
    for (const name of FUNCTIONS_ON_A_SCHEDULE) {
      const answer = await lab.aws.functions.invoke(`gha-microvm-${name}`, {});
      if (answer.kind === "error") throw new Error(`${name} failed: ${answer.errorMessage}`);
    }
    return lab.aws.gateway.calls().map(recordCall);
  } finally {
    await lab.stop();
  }
}

async function until(lab: Lab, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`the job is not over; left are ${leftoversOf(lab).join(", ")}`);
    await sleep(50);
  }
}

const nameOf = ({ id, method, url }: RecordedCall) => `botocore signs otherwise: call ${id}, ${method} ${url}`;

export const botocore: Step = {
  name: "botocore",
  shows: "botocore computes the same signature for each call that the functions make to AWS in a job from end to end",
  tools: ["terraform", "botocore"],
  async run({ tool }) {
    const python = join(tool("botocore").folder, "python");
    const script = join(PROJECT_ROOT, "conformance/python/recompute_signatures.py");
    const find = async (calls: readonly RecordedCall[]): Promise<string[]> => {
      const stdin = calls.map((call) => `${JSON.stringify(call)}\n`).join("");
      const differing: number[] = JSON.parse(await mustRun(python, [script], { stdin }));
      return calls.filter(({ id }) => differing.includes(id)).map(nameOf);
    };
    const calls = await recordRun();
    const wrong = await find(calls);
    const services = [...Map.groupBy(calls, ({ service }) => service)].map(
      ([name, those]) => `${name} ${those.length}`,
    );
    return {
      shown: [`${calls.length} calls (${services.toSorted().join(", ")}), ${wrong.length} signatures differ`],
      findings: wrong,
      controls: [
        {
          fault: "each call without a header that it signed",
          found: await find(calls.map((call) => withoutHeader(call, "x-amz-security-token"))),
          expected: calls.map(nameOf),
        },
      ],
    };
  },
};

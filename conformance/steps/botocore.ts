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

export const botocore: Step = {
  name: "botocore",
  shows: "botocore computes the same signature for each call that the functions make to AWS in a job from end to end",
  tools: ["terraform", "botocore"],
  async run({ tool }) {
    const python = join(tool("botocore").folder, "python");
    const script = join(PROJECT_ROOT, "conformance/python/recompute_signatures.py");
    const differing = async (calls: readonly RecordedCall[]): Promise<number[]> =>
      JSON.parse(await mustRun(python, [script], { stdin: calls.map((call) => `${JSON.stringify(call)}\n`).join("") }));
    const calls = await recordRun();
    const wrong = await differing(calls);
    const services = [...Map.groupBy(calls, ({ service }) => service)].map(
      ([name, those]) => `${name} ${those.length}`,
    );
    // A check that finds nothing wrong must find what is.
    const broken = calls.map((call) => withoutHeader(call, "x-amz-security-token"));
    const unseen = broken.length - (await differing(broken)).length;
    return {
      shown: [`${calls.length} calls (${services.toSorted().join(", ")}), ${wrong.length} signatures differ`],
      findings: [
        ...calls
          .filter(({ id }) => wrong.includes(id))
          .map(({ method, url }) => `botocore signs otherwise: ${method} ${url}`),
        ...(calls.length === 0 ? ["the functions made no call"] : []),
        ...(unseen === 0 ? [] : [`botocore does not miss a signed header in ${unseen} calls`]),
      ],
    };
  },
};

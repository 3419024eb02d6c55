import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { runProgram } from "../run-program.ts";
import { NotHereError, type Step } from "../step.ts";

const SCRIPT = "test/microvm/emulation/run.sh";

export const emulation: Step = {
  name: "emulation",
  shows:
    "on QEMU's arm64, the supervisor as it is released is the child of process 1, answers its hooks, runs a job under the runner's account and leaves no zombie",
  tools: ["qemu-aarch64-static", "debootstrap"],
  async run() {
    const { status, stdout, stderr } = await runProgram(SCRIPT, [], { cwd: PROJECT_ROOT });
    const skipped = /^skipped: (.*)$/m.exec(stdout)?.[1];
    if (skipped !== undefined) throw new NotHereError(skipped);
    const shown = [...stdout.matchAll(/^[\d.]+ s: (.*)$/gm)].map(([, seen = ""]) => seen);
    if (status === 0 && shown.length > 0) return { shown, findings: [] };
    return {
      shown,
      findings: [`${SCRIPT} ended in ${status ?? "a signal"}:\n${`${stdout}\n${stderr}`.slice(-3_000)}`],
    };
  },
};

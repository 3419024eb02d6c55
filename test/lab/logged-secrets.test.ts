import { expect, it } from "vitest";
import { type AppliedLab, applyLab, untilSettled } from "../e2e/applied-lab.ts";

/** Applies the example, runs a job, and has one more line written into the runner's log. */
async function labThatLogs(line: (lab: AppliedLab) => string): Promise<AppliedLab> {
  const lab = await applyLab();
  const job = lab.queueJob();
  await untilSettled(lab, job);
  const group = lab.aws.logs.names().find((name) => name.startsWith("/aws/lambda-microvms/")) ?? "";
  await lab.aws.logs.write({ roleName: "gha-microvm-exec", sessionName: "job" }, group, "stream", [line(lab)]);
  return lab;
}

// A lab whose logs hold none ends quietly, as all that end-to-end tests start do.
it("ends a lab with an error that names each secret in its logs, in whatever form it stands there", async () => {
  const lab = await labThatLogs(({ github, webhookSecret }) => {
    const [{ token = "" } = {}] = github.tokens();
    return `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")} ${encodeURIComponent(webhookSecret)}`;
  });

  await expect(lab.stop()).rejects.toThrow(/the logs hold .*webhook_secrets.*installation token 0/);
});

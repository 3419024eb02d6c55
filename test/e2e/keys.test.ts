import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { leaksIn } from "../../lab/secret-forms.ts";
import { deliveryHeaders } from "../../lab/world/services/function-url-event.ts";
import { type AppliedLab, applyLab, eventually, untilSettled } from "./applied-lab.ts";

let lab: AppliedLab | undefined;
afterEach(async () => {
  await lab?.stop();
  lab = undefined;
});

const PARAMETER = "/github-app/key";

const appWithoutKey = (source: string) => `module "gha_runner" {
  github_app = {
    app_id          = var.github_app_id
    installation_id = var.github_app_installation_id
    private_key     = null
  }
  github_app_key_source = ${source}
}
`;
const generation = (value: number) => `module "gha_runner" {\n  webhook_secret_generation = ${value}\n}\n`;

async function applyAgain(applied: AppliedLab, override: string): Promise<string> {
  await applied.terraform.write({ "keys_override.tf": override });
  await applied.terraform.apply();
  return String((await applied.terraform.outputs()).webhook_secret?.value);
}

/** How the App's key is put elsewhere, and how it is changed there. */
type Place = (applied: AppliedLab) => { source: string; action: string; replace?: (pem: string) => void };

const PLACES: [string, Place][] = [
  [
    "an SSM parameter under a customer's key",
    ({ aws, github }) => {
      const { arn: keyArn } = aws.keys.createEncryptionKey();
      const put = (value: string) =>
        void aws.parameters.put({ name: PARAMETER, type: "SecureString", value, modifiedAt: Date.now() });
      put(github.app.privateKey);
      const arn = aws.parameters.arn(PARAMETER);
      aws.kms.keyOf.set(arn, keyArn);
      const source = `{ ssm_parameter_arn = "${arn}", kms_decryption_key_arn = "${keyArn}" }`;
      return { source, action: "kms:Decrypt", replace: put };
    },
  ],
  [
    "a secret of Secrets Manager",
    ({ aws, github }) => {
      const { arn: keyArn } = aws.keys.createEncryptionKey();
      const { arn } = aws.secrets.create("github-app", github.app.privateKey, keyArn);
      const source = `{ secretsmanager_secret_arn = "${arn}", kms_decryption_key_arn = "${keyArn}" }`;
      return { source, action: "secretsmanager:GetSecretValue", replace: (pem) => aws.secrets.putValue(arn, pem) };
    },
  ],
  [
    "KMS, which signs",
    ({ aws, github }) => {
      const { arn } = aws.keys.importSigningKey(github.app.privateKey);
      return { source: `{ kms_signing_key_arn = "${arn}" }`, action: "kms:Sign" };
    },
  ],
];

describe("the App's key", () => {
  it.each(PLACES)("in %s runs a job, and is in no state", { timeout: 240_000 }, async (_, place) => {
    const applied = await applyLab({ github: { repositories: ["my-org/shop", "my-org/site"] } });
    lab = applied;
    const { source, action, replace } = place(applied);
    await applyAgain(applied, appWithoutKey(source));

    const job = applied.queueJob();
    await untilSettled(applied, job);

    expect(job.conclusion).toBe("success");
    expect(await applied.aws.scheduler.fire("gha-microvm-redeliver")).toBe("invoked");
    const lines = applied.github.app.privateKey.split("\n").filter((line) => line.length > 30 && !line.startsWith("-"));
    const state = await readFile(join(applied.terraform.dir, "terraform.tfstate"), "utf8");
    expect(leaksIn(state, new Map(lines.map((line) => [line, line])))).toEqual([]);
    const uses = applied.aws.iam.decisions().filter((decision) => decision.action === action);
    expect(uses.length).toBeGreaterThan(0);
    expect([...new Set(uses.map(({ role, allowed }) => `${role} ${allowed}`))].sort()).toEqual([
      "gha-microvm-dispatcher true",
      "gha-microvm-redeliver true",
    ]);
    const webhook = applied.aws.iam.roles.all().find(({ name }) => name.endsWith("-webhook"));
    expect(JSON.stringify([...(webhook?.policies.values() ?? [])])).not.toMatch(/kms:|secretsmanager:|github-app/);
    const asWebhook = { roleName: "gha-microvm-webhook", sessionName: "attempt" };
    const resource = uses[0]?.resource ?? "";
    expect(await applied.aws.iam.isAllowed(asWebhook, { action, resource })).toBe(false);

    if (replace === undefined) return;
    const { privateKey } = await applied.github.addAppKey(applied.github.app);
    replace(privateKey);
    applied.github.app.publicKeys.splice(0, 1);
    // In a repository for which no token is kept: the App has to show its key.
    const next = applied.queueJob({ repository: "my-org/site" });
    await untilSettled(applied, next);
    expect(next.conclusion).toBe("success");
  });
});

describe("the webhook's secret", () => {
  it("is rotated without a delivery lost, and retired by the next raise", { timeout: 300_000 }, async () => {
    const applied = await applyLab();
    lab = applied;
    const first = applied.webhookSecret;
    const body = JSON.stringify({ zen: "ping" });
    const ping = async (secret: string) =>
      (await fetch(applied.url, { method: "POST", headers: deliveryHeaders(body, secret, "ping"), body })).status;
    const job = applied.queueJob({ durationMs: 20_000 });
    await eventually(() => expect(job.status).toBe("in_progress"));

    const second = await applyAgain(applied, generation(2));
    expect(second).not.toBe(first);
    expect([await ping(first), await ping(second)]).toEqual([200, 200]);
    await untilSettled(applied, job);
    // Its MicroVM was launched with a MAC under the first secret.
    const finishes = applied.aws.functions
      .output("gha-microvm-webhook")
      .filter((line) => line.includes('"finish.') && line.includes(`"${job.id}-1"`));
    expect(finishes.map((line) => JSON.parse(line).event)).toContain("finish.queued");
    expect(finishes.join("\n")).not.toContain("finish.rejected");
    const later = applied.queueJob();
    await untilSettled(applied, later);
    expect(later.conclusion).toBe("success");

    const third = await applyAgain(applied, generation(3));
    expect([await ping(first), await ping(second), await ping(third)]).toEqual([401, 200, 200]);
    const refused = applied.github.deliveries.all().filter(({ statusCode }) => statusCode === 401);
    expect(refused).toEqual([]);
    expect((await applied.terraform.plan()).changes).toBe(false);
  });
});

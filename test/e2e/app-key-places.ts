import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Lab } from "../../lab/lab.ts";
import { leaksIn } from "../../lab/secret-forms.ts";
import { type AppliedLab, applyLab, untilSettled } from "./applied-lab.ts";

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

/**
 * Where the App's key is outside of Terraform: what names it, the right that its use takes, and how it is changed
 * there.
 */
interface KeptKey {
  source: string;
  action: string;
  replace?: (pem: string) => void;
}

/** Puts the App's key into the account. */
export type KeyPlace = (lab: Lab) => KeptKey;

export const inParameter: KeyPlace = ({ aws, github }) => {
  const { arn: keyArn } = aws.keys.createEncryptionKey();
  const put = (value: string) =>
    void aws.parameters.put({ name: PARAMETER, type: "SecureString", value, modifiedAt: Date.now() });
  put(github.app.privateKey);
  const arn = aws.parameters.arn(PARAMETER);
  aws.kms.keyOf.set(arn, keyArn);
  const source = `{ ssm_parameter_arn = "${arn}", kms_decryption_key_arn = "${keyArn}" }`;
  return { source, action: "kms:Decrypt", replace: put };
};

export const inSecret: KeyPlace = ({ aws, github }) => {
  const { arn: keyArn } = aws.keys.createEncryptionKey();
  const { arn } = aws.secrets.create("github-app", github.app.privateKey, keyArn);
  const source = `{ secretsmanager_secret_arn = "${arn}", kms_decryption_key_arn = "${keyArn}" }`;
  return { source, action: "secretsmanager:GetSecretValue", replace: (pem) => aws.secrets.putValue(arn, pem) };
};

export const inKms: KeyPlace = ({ aws, github }) => {
  const { arn } = aws.keys.importSigningKey(github.app.privateKey);
  return { source: `{ kms_signing_key_arn = "${arn}" }`, action: "kms:Sign" };
};

/** A lab whose App's key is there and nowhere else. */
export async function applyWithKeyIn(place: KeyPlace): Promise<{ applied: AppliedLab; kept: KeptKey }> {
  const prepared: KeptKey[] = [];
  const applied = await applyLab({ github: { repositories: ["my-org/shop", "my-org/site"] } }, (lab) => {
    const kept = place(lab);
    prepared.push(kept);
    return { "keys_override.tf": appWithoutKey(kept.source) };
  });
  const [kept] = prepared;
  if (kept === undefined) throw new Error("nothing was prepared");
  return { applied, kept };
}

/**
 * A job runs; the state does not hold the key; the dispatcher and the redeliver function may use it, the webhook may
 * not.
 */
export async function expectKeyToServe(applied: AppliedLab, { action }: KeptKey): Promise<void> {
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
}

import { LIMITS } from "../../contract/limits.ts";
import { call, equal, or, ref } from "../hcl/build.ts";
import type { Input } from "./input.ts";
import { matches, nullOr, rule, wholeNumberWithin } from "./rules.ts";

const SOURCES = ["ssm_parameter_arn", "secretsmanager_secret_arn", "kms_signing_key_arn"] as const;
const SOURCE = ref("var.github_app_key_source");
const memberOf = (name: string) => ref(`var.github_app_key_source.${name}`);
const isNull = (name: string) => equal(call("try", memberOf(name), null), null);
const arn = (service: string, resource: string) => `^arn:aws[a-z-]*:${service}:[a-z0-9-]+:[0-9]{12}:${resource}$`;
const KMS_KEY = arn("kms", "key/[A-Za-z0-9-]+");

function arnRule(name: string, pattern: string, errorMessage: string) {
  return rule(or(isNull(name), matches(memberOf(name), pattern)), errorMessage);
}

/** Where the App's key is, when it is not an input. */
export const githubAppKeySource: Input = {
  name: "github_app_key_source",
  type: call("object", {
    ssm_parameter_arn: call("optional", ref("string")),
    secretsmanager_secret_arn: call("optional", ref("string")),
    kms_signing_key_arn: call("optional", ref("string")),
    kms_decryption_key_arn: call("optional", ref("string")),
  }),
  description:
    "Where the App's private key is kept outside of Terraform; set `github_app.private_key = null` with it. Exactly one of: ssm_parameter_arn: SSM SecureString parameter that holds the PEM. secretsmanager_secret_arn: Secrets Manager secret whose text is the PEM. kms_signing_key_arn: RSA key of KMS for SIGN_VERIFY into which the App's key was imported. kms_decryption_key_arn: the customer managed key that encrypts the parameter or secret, if one does. Default (null) uses `github_app.private_key`.",
  default: null,
  nullable: true,
  validations: [
    rule(
      nullOr(SOURCE, equal(call("try", call("length", call("compact", SOURCES.map(memberOf))), 0), 1)),
      `github_app_key_source must name exactly one of ${SOURCES.join(", ")}: leave the others out.`,
    ),
    arnRule(
      "ssm_parameter_arn",
      arn("ssm", "parameter/[A-Za-z0-9_./-]+"),
      'github_app_key_source.ssm_parameter_arn must be the ARN of an SSM parameter, such as "arn:aws:ssm:eu-west-1:123456789012:parameter/github-app": not its name.',
    ),
    arnRule(
      "secretsmanager_secret_arn",
      arn("secretsmanager", "secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}"),
      'github_app_key_source.secretsmanager_secret_arn must be the whole ARN of a secret with the six characters at its end, such as "arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-app-AbCdEf": not its name.',
    ),
    arnRule(
      "kms_signing_key_arn",
      KMS_KEY,
      "github_app_key_source.kms_signing_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID: not an alias.",
    ),
    arnRule(
      "kms_decryption_key_arn",
      KMS_KEY,
      "github_app_key_source.kms_decryption_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID: not an alias. Leave it out for the keys aws/ssm and aws/secretsmanager.",
    ),
    rule(
      or(isNull("kms_decryption_key_arn"), isNull("kms_signing_key_arn")),
      "github_app_key_source.kms_decryption_key_arn belongs to a parameter or a secret: leave it out with kms_signing_key_arn, which decrypts nothing.",
    ),
  ],
};

export const webhookSecretGeneration: Input = {
  name: "webhook_secret_generation",
  type: ref("number"),
  description:
    "Generation of the webhook's secret. Raise it by one to rotate: a new secret is made, and the one before stays valid until the next raise.",
  default: 1,
  validations: [
    rule(
      wholeNumberWithin(ref("var.webhook_secret_generation"), LIMITS.webhookSecretGeneration),
      `webhook_secret_generation must be a whole number ${LIMITS.webhookSecretGeneration}: raise it by one to rotate the secret.`,
    ),
  ],
};

import { GOOD_CALL } from "./open-module.ts";
import type { ValidationCase } from "./validation-case.ts";

const ACCOUNT = "eu-west-1:123456789012";
const PARAMETER = `arn:aws:ssm:${ACCOUNT}:parameter/github/app`;
const SECRET = `arn:aws:secretsmanager:${ACCOUNT}:secret:github/app-AbCdEf`;
const KEY = `arn:aws:kms:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

const withoutKey = { github_app: { ...Object(GOOD_CALL.github_app), private_key: null } };
const source = (github_app_key_source: Record<string, string>) => ({ ...withoutKey, github_app_key_source });
const sources = (name: string, ...arns: string[]) => arns.map((arn) => source({ [name]: arn }));

/** The rules about the place of the App's key, and about the generation of the webhook's secret. */
export const KEY_CASES: ValidationCase[] = [
  {
    what: "a call without a key of the App",
    message: "github_app.private_key is null and there is no github_app_key_source",
    pair: true,
    bad: [withoutKey],
    good: [source({ ssm_parameter_arn: PARAMETER })],
  },
  {
    what: "a key of the App that is given twice",
    message: "github_app.private_key and github_app_key_source are both given",
    pair: true,
    bad: [{ github_app_key_source: { ssm_parameter_arn: PARAMETER } }],
    good: [source({ secretsmanager_secret_arn: SECRET })],
  },
  {
    what: "a place of the App's key that is none or two",
    message: "github_app_key_source must name exactly one of",
    bad: [
      source({}),
      source({ kms_decryption_key_arn: KEY }),
      source({ ssm_parameter_arn: PARAMETER, secretsmanager_secret_arn: SECRET }),
      source({ secretsmanager_secret_arn: SECRET, kms_signing_key_arn: KEY }),
    ],
    good: [source({ kms_signing_key_arn: KEY })],
  },
  {
    what: "a parameter that is no ARN of one",
    message: "github_app_key_source.ssm_parameter_arn must be the ARN of an SSM parameter",
    bad: sources("ssm_parameter_arn", "/github/app", SECRET, `${PARAMETER}?`),
    good: sources("ssm_parameter_arn", "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/app"),
  },
  {
    what: "a secret that is no whole ARN of one",
    message: "github_app_key_source.secretsmanager_secret_arn must be the whole ARN of a secret",
    bad: sources("secretsmanager_secret_arn", "github/app", PARAMETER, SECRET.slice(0, -7)),
    good: sources("secretsmanager_secret_arn", `arn:aws:secretsmanager:${ACCOUNT}:secret:a_+=.@-b-123456`),
  },
  {
    what: "a signing key that is no ARN of one",
    message: "github_app_key_source.kms_signing_key_arn must be the ARN of a KMS key",
    bad: sources("kms_signing_key_arn", "alias/app", `arn:aws:kms:${ACCOUNT}:alias/app`),
    good: sources("kms_signing_key_arn", `arn:aws:kms:${ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab`),
  },
  {
    what: "a decryption key that is no ARN of one",
    message: "github_app_key_source.kms_decryption_key_arn must be the ARN of a KMS key",
    bad: [source({ ssm_parameter_arn: PARAMETER, kms_decryption_key_arn: "alias/aws/ssm" })],
    good: [source({ ssm_parameter_arn: PARAMETER, kms_decryption_key_arn: KEY })],
  },
  {
    what: "a decryption key beside a key that signs",
    message: "github_app_key_source.kms_decryption_key_arn belongs to a parameter or a secret",
    bad: [source({ kms_signing_key_arn: KEY, kms_decryption_key_arn: KEY })],
    good: [source({ secretsmanager_secret_arn: SECRET, kms_decryption_key_arn: KEY })],
  },
  {
    what: "a generation that is no whole number",
    message: "webhook_secret_generation must be a whole number from 1 to 1000000",
    bad: [0, 1.5, 1_000_001].map((webhook_secret_generation) => ({ webhook_secret_generation })),
    good: [1, 2, 3, 1_000_000].map((webhook_secret_generation) => ({ webhook_secret_generation })),
  },
];

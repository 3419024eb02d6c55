import { expect, it } from "vitest";
import { readAppAccess } from "../../cli/app-key.ts";
import type { AwsReader } from "../../cli/aws/aws-reader.ts";
import { findAppKey } from "../../dispatcher/aws/find-app-key.ts";
import { RefusedError } from "../../dispatcher/errors.ts";
import { functionEnvironment } from "../../lab/world/services/function-environment.ts";
import { createAppKey } from "../support/app-key.ts";

const ARNS = {
  ssm_parameter_arn: "arn:aws:ssm:eu-west-1:123456789012:parameter/key",
  secretsmanager_secret_arn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf",
  kms_signing_key_arn: "arn:aws:kms:eu-west-1:123456789012:key/1",
};
const pem = createAppKey().pkcs1;
const refused = new RefusedError("reading it was refused: AccessDeniedException");

const access = (app: object, appKey: AwsReader["appKey"] = (given) => findAppKey(noService, given)) => {
  const parameter = async () => JSON.stringify({ webhook_secrets: ["s"], github_app: { app_id: "1", ...app } });
  return readAppAccess({ parameter, appKey }, functionEnvironment);
};

function noService(service: string): never {
  throw new Error(`${service} was called`);
}

it("acts as the App with a key that stands in the parameter", async () => {
  expect(await access({ private_key: pem })).toMatchObject({ value: { owner: "acme" } });
});

it.each(Object.entries(ARNS))("acts as the App whose key is kept as %s", async (place, arn) => {
  const found = place.startsWith("kms") ? { place: arn, sign: async () => Buffer.from("s") } : { place: arn, pem };

  expect(await access({ [place]: arn }, async () => found)).toMatchObject({ value: { owner: "acme" } });
});

it.each(Object.entries(ARNS))(
  "looks at nothing as the App whose key, kept as %s, it may not use",
  async (place, arn) => {
    const sign = () => Promise.reject(refused);
    const appKey = () => (place.startsWith("kms") ? Promise.resolve({ place: arn, sign }) : Promise.reject(refused));

    expect(await access({ [place]: arn }, appKey)).toEqual({ skip: refused.message });
  },
);

it("fails with the fix where the key cannot be read", async () => {
  const failure = { fail: expect.any(String), fix: expect.any(String) };

  expect(await access({ private_key: "no key" })).toMatchObject(failure);
  expect(await access({ ssm_parameter_arn: ARNS.ssm_parameter_arn }, async () => ({ place: "p", pem: "x" }))).toEqual(
    failure,
  );
});

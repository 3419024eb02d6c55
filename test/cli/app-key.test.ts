import { expect, it } from "vitest";
import { readAppAccess } from "../../cli/app-key.ts";
import { functionEnvironment } from "../../lab/world/services/function-environment.ts";
import { createAppKey } from "../support/app-key.ts";

const access = (app: object) => {
  const parameter = async () => JSON.stringify({ webhook_secrets: ["s"], github_app: { app_id: "1", ...app } });
  return readAppAccess({ parameter }, functionEnvironment);
};

it("acts as the App with a key that stands in the parameter", async () => {
  expect(await access({ private_key: createAppKey().pkcs1 })).toMatchObject({ value: { owner: "acme" } });
});

it("looks at nothing as the App whose key is kept elsewhere, and says why", async () => {
  const kms_signing_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1";

  expect(await access({ kms_signing_key_arn })).toEqual({ skip: expect.stringContaining("github_app_key_source") });
});

it("fails with the fix where the key cannot be read", async () => {
  expect(await access({ private_key: "no key" })).toMatchObject({ fail: expect.any(String), fix: expect.any(String) });
});

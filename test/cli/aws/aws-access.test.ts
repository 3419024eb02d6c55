import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { resolveAws } from "../../../cli/aws/resolve-aws.ts";
import { UsageError } from "../../../cli/usage-error.ts";

const FILES = {
  config: "[default]\nregion = eu-west-1\n[profile dev]\nregion = eu-north-1\n",
  credentials:
    "[default]\naws_access_key_id = A\naws_secret_access_key = a\n" +
    "[dev]\naws_access_key_id = D\naws_secret_access_key = d\naws_session_token = t\n",
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aws-access-"));
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function write(files: Partial<typeof FILES>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

// The SDK keeps a configuration file by its path: each test has a folder of its own.
it("is that of the default profile, or of the profile and the Region that were named", async () => {
  await write(FILES);
  expect(await resolveAws()).toEqual({
    region: "eu-west-1",
    credentials: { accessKeyId: "A", secretAccessKey: "a" },
  });
  expect(await resolveAws({ profile: "dev" })).toEqual({
    region: "eu-north-1",
    credentials: { accessKeyId: "D", secretAccessKey: "d", sessionToken: "t" },
  });
  expect(await resolveAws({ profile: "dev", region: "us-east-1" })).toMatchObject({ region: "us-east-1" });
});

it("is said to be missing in a line", async () => {
  await write({ config: "[default]\n", credentials: "" });
  await expect(resolveAws()).rejects.toBeInstanceOf(UsageError);
  await expect(resolveAws()).rejects.toThrow(/no AWS Region: give --region/);
  await expect(resolveAws({ region: "eu-west-1" })).rejects.toThrow(/^no AWS credentials: .*[^.]; give --profile/);
});

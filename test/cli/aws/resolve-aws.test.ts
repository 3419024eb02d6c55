import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { resolveAws, whyNot } from "../../../cli/aws/resolve-aws.ts";

describe("why AWS cannot be called", () => {
  it.each([
    [
      "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
      "dev",
      "the single sign-on login has expired: aws sso login --profile dev",
    ],
    [
      "The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login",
      undefined,
      "the single sign-on login has expired: aws sso login",
    ],
    ["Region is missing", undefined, "no AWS Region: give --region, or set AWS_REGION"],
    [
      "Could not load credentials from any providers",
      undefined,
      "no AWS credentials: Could not load credentials from any providers; give --profile, or set AWS_PROFILE or keys",
    ],
  ])("is one line with what to do: %s", (message, profile, line) => {
    expect(whyNot(message, profile)).toBe(line);
  });

  it("is so for a real profile whose login at single sign-on has expired", async () => {
    const home = await mkdtemp(join(tmpdir(), "expired-login-"));
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(home, { recursive: true });
    });
    const cache = join(home, ".aws/sso/cache");
    await mkdir(cache, { recursive: true });
    await writeFile(
      join(home, ".aws/config"),
      [
        "[profile dev]\nsso_session = ours\nsso_account_id = 123456789012\nsso_role_name = admin\nregion = eu-west-1",
        "[sso-session ours]\nsso_region = eu-west-1\nsso_start_url = https://ours.awsapps.com/start\n",
      ].join("\n"),
    );
    const token = {
      accessToken: "expired",
      expiresAt: "2026-01-01T00:00:00Z",
      startUrl: "https://ours.awsapps.com/start",
    };
    await writeFile(join(cache, `${createHash("sha1").update("ours").digest("hex")}.json`), JSON.stringify(token));
    vi.stubEnv("HOME", home);
    vi.stubEnv("AWS_CONFIG_FILE", join(home, ".aws/config"));
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(home, ".aws/credentials"));
    for (const name of ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"])
      vi.stubEnv(name, undefined);

    await expect(resolveAws({ profile: "dev" })).rejects.toThrow(
      /^the single sign-on login has expired: aws sso login --profile dev$/,
    );
  });
});

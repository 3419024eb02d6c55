import { describe, expect, it } from "vitest";
import { whyNot } from "../../../cli/aws/resolve-aws.ts";

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
});

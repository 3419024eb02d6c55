import { describe, expect, it } from "vitest";
import { lowestOf, lowestOverride, requiredIn } from "../../conformance/real-providers/lowest-versions.ts";

describe("the lowest versions", () => {
  it("are those that the constraints begin with", () => {
    expect(lowestOf(">= 6.29, < 7.0")).toBe("6.29.0");
    expect(lowestOf(">= 1.90")).toBe("1.90.0");
    expect(lowestOf(">= 3.6.1")).toBe("3.6.1");
    expect(() => lowestOf("~> 6.0")).toThrow("~> 6.0");
  });

  it("are written for the providers that a configuration requires", () => {
    expect(requiredIn('source = "hashicorp/aws"\nsource = "integrations/github"')).toEqual(["aws", "github"]);
    expect(lowestOverride(["github"])).toBe(
      'terraform {\n  required_providers {\n    github = { source = "integrations/github", version = "6.2.0" }\n  }\n}\n',
    );
  });
});

import { describe, expect, it } from "vitest";
import {
  APP_PERMISSIONS,
  GROUP_RUNNERS,
  MANAGED_HOOKS,
  permissionLabel,
  REPOSITORY_RUNNERS,
  requested,
  requestLabel,
} from "../../contract/permissions.ts";
import { NEEDS } from "../../lab/github/permissions.ts";

describe("the App's permissions", () => {
  it("ask for a token with what runners need and nothing else", () => {
    expect(REPOSITORY_RUNNERS).toEqual({ actions: "read", administration: "write" });
    expect(GROUP_RUNNERS).toEqual({ actions: "read", organization_self_hosted_runners: "write" });
    expect(MANAGED_HOOKS).toEqual({
      organization: { organization_hooks: "write" },
      repository: { repository_hooks: "write" },
    });
  });

  it("are named as GitHub's settings name them", () => {
    expect(permissionLabel("administration")).toBe("Repository permissions, Administration: Read and write");
    expect(permissionLabel("organization_hooks", "read")).toBe("Organization permissions, Webhooks: Read");
    expect(requestLabel(REPOSITORY_RUNNERS)).toBe("administration: write, actions: read");
    expect(requested({})).toEqual([]);
  });

  it("stand in the section of GitHub's settings to which the calls belong", () => {
    const needs = Object.values(NEEDS);
    for (const [key, { section }] of Object.entries(APP_PERMISSIONS)) {
      const places = needs.flatMap((need) => ("permission" in need && need.permission === key ? [need.on] : []));
      expect([...new Set(places)], key).toEqual([section.toLowerCase()]);
    }
  });
});

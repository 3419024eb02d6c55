import { describe, expect, it } from "vitest";
import { watchedHooks } from "../../../dispatcher/core/watched-hooks.ts";

describe("watchedHooks", () => {
  it.each([
    [
      "the organization's webhook",
      { organization: 7, repositories: {} },
      [{ kind: "organization", organization: "my-org", hookId: 7 }],
    ],
    [
      "each repository's webhook",
      { organization: null, repositories: { shop: 1, site: 2 } },
      [
        { kind: "repository", repository: "my-org/shop", hookId: 1 },
        { kind: "repository", repository: "my-org/site", hookId: 2 },
      ],
    ],
    ["the App's own webhook when Terraform manages none", { organization: null, repositories: {} }, [{ kind: "app" }]],
  ])("names %s", (_, managed, hooks) => {
    expect(watchedHooks("my-org", managed)).toEqual(hooks);
  });
});

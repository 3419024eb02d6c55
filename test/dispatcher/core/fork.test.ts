import { describe, expect, it } from "vitest";
import { isForksPullRequest } from "../../../dispatcher/core/fork.ts";

const from = (event: string, headRepository: string | null) =>
  isForksPullRequest({ event, headRepository }, "acme/shop");

describe("isForksPullRequest", () => {
  it.each(["pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"])(
    "is so for %s from another repository",
    (event) => {
      expect(from(event, "jane/shop")).toBe(true);
    },
  );

  it("is so when the fork is gone", () => {
    expect(from("pull_request", null)).toBe(true);
  });

  it("is not for a pull request within the repository, whatever its case", () => {
    expect(from("pull_request", "Acme/Shop")).toBe(false);
  });

  it.each(["push", "workflow_dispatch", "merge_group", "schedule", "issue_comment", "workflow_run"])(
    "is not for %s",
    (event) => {
      expect(from(event, "acme/shop")).toBe(false);
      expect(from(event, null)).toBe(false);
    },
  );
});

import { expect, it } from "vitest";
import { problemWith, type Wish } from "../../../../cli/setup/core/wish.ts";

const USER: Wish = { owner: "octocat", ownerType: "User", repositories: ["site"], webhook: "repository" };
const ORGANIZATION: Wish = { owner: "my-org", ownerType: "Organization", repositories: [], webhook: "organization" };

it.each<[string, Wish, RegExp]>([
  ["a user without repositories", { ...USER, repositories: [] }, /name them with --repositories/],
  ["a user's runner group", { ...USER, runnerGroupId: 7 }, /runner groups are an organization's/],
  ["a user's organization webhook", { ...USER, webhook: "organization" }, /--webhook organization is none's/],
  ["webhooks of no repositories", { ...ORGANIZATION, webhook: "repository" }, /wants --repositories/],
])("says what cannot be set up: %s", (_what, wish, text) => {
  expect(problemWith(wish)).toMatch(text);
});

it.each<[string, Wish]>([
  ["a user's repositories", USER],
  ["an organization", ORGANIZATION],
  ["a runner group", { ...ORGANIZATION, runnerGroupId: 7 }],
  ["an organization's repositories", { ...ORGANIZATION, webhook: "repository", repositories: ["shop"] }],
])("has nothing against %s", (_what, wish) => {
  expect(problemWith(wish)).toBeUndefined();
});

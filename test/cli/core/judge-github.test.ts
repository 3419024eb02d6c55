import { describe, expect, it } from "vitest";
import type { Known } from "../../../cli/core/finding.ts";
import { judgeClock } from "../../../cli/core/judge-clock.ts";
import {
  type AttemptView,
  type HookView,
  judgeDeliveries,
  judgeHooks,
  judgeInstallation,
  judgePermissions,
  judgeRepositories,
  permissionsNeeded,
} from "../../../cli/core/judge-github.ts";

const URL_OF_FUNCTION = "https://abc.lambda-url.eu-west-1.on.aws";
const NOW = new Date("2026-01-02T12:00:00Z");
const installation = {
  id: 7,
  account: "my-org",
  suspended: false,
  all: true,
  permissions: { administration: "write", actions: "read", organization_hooks: "write" },
};
const hook: HookView = { active: true, url: `${URL_OF_FUNCTION}/`, contentType: "json", events: ["workflow_job"] };

describe("the installation", () => {
  it("passes in the account that is served, whatever the case of its name", () => {
    expect(judgeInstallation({ value: installation }, "My-Org").outcome).toBe("pass");
  });

  it.each([
    [{ ...installation, account: "else" }, "is in else, but my-org is served"],
    [{ ...installation, suspended: true }, "is suspended"],
  ])("fails elsewhere, and suspended", (view, text) => {
    expect(judgeInstallation({ value: view }, "my-org")).toMatchObject({
      outcome: "fail",
      text: expect.stringContaining(text),
    });
  });
});

describe("the permissions", () => {
  it("needed follow from the webhooks and the runner group", () => {
    expect(permissionsNeeded("organization", false)).toEqual({
      administration: "write",
      actions: "read",
      organization_hooks: "write",
    });
    expect(permissionsNeeded("repository", true)).toEqual({
      organization_self_hosted_runners: "write",
      actions: "read",
      repository_hooks: "write",
    });
    expect(permissionsNeeded("app", false)).toEqual({ administration: "write", actions: "read" });
  });

  it("pass when all are there, more of them too", () => {
    const more = { ...installation, permissions: { ...installation.permissions, actions: "write" } };
    expect(judgePermissions({ value: more }, permissionsNeeded("organization", false)).outcome).toBe("pass");
  });

  it("fail by name, with the setting to change", () => {
    const less = { ...installation, permissions: { administration: "read" } };
    expect(judgePermissions({ value: less }, permissionsNeeded("app", false))).toMatchObject({
      outcome: "fail",
      text: "missing: administration: write, actions: read",
      fix: expect.stringContaining(
        "Repository permissions, Administration: Read and write; Repository permissions, Actions: Read",
      ),
    });
  });
});

describe("the repositories", () => {
  it("fail by name when the installation does not reach them", () => {
    const unreached = ["o/a", "o/b", "o/c", "o/d"];
    expect(judgeRepositories({ value: { installation, named: ["a"], unreached } })).toMatchObject({
      outcome: "fail",
      text: "the App is not installed in o/a, o/b, o/c and 1 more",
    });
  });

  it.each([
    [["a", "b"], true, "all 2 of"],
    [[], true, "all of the account"],
    [[], false, "chosen in the installation"],
  ])("pass when it reaches what is served", (named, all, text) => {
    const value = { installation: { ...installation, all }, named, unreached: [] };
    expect(judgeRepositories({ value })).toMatchObject({ outcome: "pass", text: expect.stringContaining(text) });
  });
});

describe("the webhook", () => {
  const judged = (...views: Known<HookView>[]) =>
    judgeHooks(
      views.map((view, index) => ({ name: `hook ${index}`, view })),
      URL_OF_FUNCTION,
    );

  it.each<[Partial<HookView>, string]>([
    [{ active: false }, "is switched off"],
    [{ url: "https://example.com/" }, "leads to https://example.com/"],
    [{ contentType: "form" }, "content type form"],
    [{ events: ["push"] }, "does not send the event"],
  ])("fails with %o", (change, text) => {
    expect(judged({ value: { ...hook, ...change } })).toMatchObject({
      outcome: "fail",
      text: expect.stringContaining(text),
    });
  });

  it("passes when it leads to the function, and when GitHub tells its URL only", () => {
    expect(judged({ value: hook }).outcome).toBe("pass");
    expect(judged({ value: { url: URL_OF_FUNCTION, contentType: "json" } }).outcome).toBe("pass");
    expect(judged({ value: { ...hook, events: ["*"] } }).outcome).toBe("pass");
  });

  it("stands for all of them, the broken ones first", () => {
    expect(judged({ value: hook }, { value: hook }).text).toBe("all 2 lead to the function");
    const broken = { value: { ...hook, active: false } };
    expect(judged({ value: hook }, { skip: "?" }, broken)).toMatchObject({
      outcome: "fail",
      text: "hook 2 is switched off (1 of 3 webhooks)",
    });
    expect(judged().outcome).toBe("skip");
  });
});

describe("the deliveries", () => {
  const attempt = (guid: string, statusCode: number, hoursAgo = 1): AttemptView => ({
    guid,
    statusCode,
    deliveredAt: new Date(NOW.getTime() - hoursAgo * 3_600_000),
  });
  const judged = (...attempts: AttemptView[]) => judgeDeliveries({ value: attempts }, "ci", NOW);

  it("pass when each arrived, be it at the second attempt", () => {
    expect(judged(attempt("a", 202), attempt("b", 502), attempt("b", 202))).toMatchObject({
      outcome: "pass",
      text: "2 in the last 24 hours, none failed",
    });
  });

  it("do not count what is older than a day", () => {
    expect(judged(attempt("a", 500, 25)).outcome).toBe("pass");
  });

  it.each([
    [401, /status 401/, /secret differs/],
    [403, /status 403/, /both of its permissions/],
    [0, /no answer/, /ci-webhook/],
    [502, /status 502/, /ci-webhook/],
  ])("fail with %i and its fix", (code, text, fix) => {
    expect(judged(attempt("a", 202), attempt("b", code))).toMatchObject({
      outcome: "fail",
      text: expect.stringMatching(text),
      fix: expect.stringMatching(fix),
    });
  });

  it("are counted, each of the codes once", () => {
    expect(judged(attempt("a", 401), attempt("b", 401), attempt("c", 500)).text).toBe(
      "3 of 3 in the last 24 hours failed, with status 401, status 500",
    );
  });
});

describe("the clock", () => {
  it.each([
    [0, "pass", "0 s apart"],
    [-60, "pass", "60 s apart"],
    [61, "fail", "61 s ahead of GitHub's"],
    [-3_600, "fail", "3600 s behind GitHub's"],
  ])("that is %i s ahead is judged so", (ahead, outcome, text) => {
    expect(judgeClock("clock", "GitHub", { value: ahead })).toMatchObject({
      outcome,
      text: expect.stringContaining(text),
    });
  });
});

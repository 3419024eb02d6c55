import { describe, expect, it } from "vitest";
import type { AskGitHub, GitHubAnswer } from "../../../cli/github/ask-github.ts";
import { kindOf, placesOf, readAppHook, readAttempts, readHook } from "../../../cli/github/read-hooks.ts";
import { GitHubFailure } from "../../../dispatcher/github/github-error.ts";

const failure = (status: number): GitHubAnswer => ({ failure: new GitHubFailure("no", status) });
const [organization] = placesOf({ organization: 7, repositories: {} }, "my-org");
const [repository] = placesOf({ repositories: { shop: 9 } }, "my-org");

/** A GitHub with one answer, and what it was asked. */
function gitHub(answer: GitHubAnswer): { ask: AskGitHub; asked: unknown[] } {
  const asked: unknown[] = [];
  const ask: AskGitHub = async (route, parameters) => {
    asked.push([route, parameters]);
    return answer;
  };
  return { ask, asked };
}

describe("the webhooks of a deployment", () => {
  it("are the organization's, its repositories', or the App's", () => {
    expect(kindOf({ organization: 7, repositories: {} })).toBe("organization");
    expect(kindOf({ organization: null, repositories: { shop: 9 } })).toBe("repository");
    expect(kindOf({ repositories: {} })).toBe("app");
    expect([organization?.name, repository?.name]).toEqual(["my-org's webhook", "my-org/shop's webhook"]);
    expect(placesOf({ repositories: {} }, "my-org")).toEqual([]);
  });
});

describe("one that Terraform manages", () => {
  const read = (answer: GitHubAnswer) => {
    if (organization === undefined) throw new Error("there is no place");
    return readHook(gitHub(answer).ask, organization);
  };

  it("is read, with what GitHub does not say left to its default", async () => {
    const config = { url: "https://f.example/", content_type: "json" };
    const hook = { active: true, events: ["workflow_job"] };

    expect(await read({ body: { ...hook, config } })).toEqual({
      value: { ...hook, url: "https://f.example/", contentType: "json" },
    });
    expect(await read({ body: { ...hook, config: {} } })).toMatchObject({ value: { url: "", contentType: "form" } });
  });

  it("may be gone, or not be told of", async () => {
    expect(await read(failure(404))).toEqual({
      fail: "my-org's webhook does not exist",
      fix: "terraform apply creates it again",
    });
    expect(await read(failure(403))).toEqual({ skip: "my-org's webhook could not be read (403: no)" });
    expect(await read(failure(0))).toEqual({ skip: "my-org's webhook could not be read (no answer: no)" });
  });
});

describe("the App's own", () => {
  const FUNCTION = "https://f.example";

  it("is known where it leads to the function", async () => {
    const read = (answer: GitHubAnswer) => readAppHook(gitHub(answer).ask, FUNCTION);

    expect(await read({ body: { url: `${FUNCTION}//`, content_type: "json" } })).toEqual({
      value: { url: `${FUNCTION}//`, contentType: "json" },
    });
    for (const other of [{ body: { url: "https://elsewhere.example" } }, { body: {} }, failure(404)]) {
      expect(await read(other)).toMatchObject({ skip: expect.stringContaining("made by hand is yours to check") });
    }
  });
});

describe("attempts at deliveries", () => {
  const attempt = { guid: "a", event: "workflow_job", status_code: 202, delivered_at: "2026-01-01T00:00:00Z" };
  const read = { guid: "a", statusCode: 202, deliveredAt: new Date(attempt.delivered_at) };

  it("are listed of a webhook, or of the App", async () => {
    // What brings no job is no delivery here: a ping of an App that was made before its deployment fails.
    const body = [attempt, { ...attempt, guid: "b", event: "ping", status_code: 502 }];
    const [own, app] = [gitHub({ body }), gitHub({ body })];

    expect(await readAttempts(own.ask, repository)).toEqual({ value: [read] });
    expect(await readAttempts(app.ask, undefined)).toEqual({ value: [read] });
    expect([...own.asked, ...app.asked]).toEqual([
      [
        "GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries",
        { owner: "my-org", repo: "shop", hook_id: 9, per_page: 100 },
      ],
      ["GET /app/hook/deliveries", { per_page: 100 }],
    ]);
  });

  it("may not be told of", async () => {
    expect(await readAttempts(gitHub(failure(404)).ask, undefined)).toEqual({
      skip: "the deliveries of the App's webhook could not be read: no",
    });
  });
});

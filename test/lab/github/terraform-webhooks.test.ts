import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../../lab/github/webhook-receiver.ts";
import type { ResourceBehaviour, Values } from "../../../lab/terraform/behaviour.ts";

let github: LabGitHub;
let receiver: WebhookReceiver;

beforeEach(async () => {
  receiver = await startWebhookReceiver();
  github = await startGitHub({ repositories: ["acme/app", "acme/lib"] });
});
afterEach(async () => {
  await github.deliveries.settled();
  await github.close();
  await receiver.close();
});

function behaviour(type: string): ResourceBehaviour {
  const found = github.providers.github.unconfigured.resources[type];
  if (found === undefined) throw new Error(`no behaviour for ${type}`);
  return found;
}

const planned = (more: Values = {}, configuration: Values = {}): Values => ({
  ...{ id: null, url: null, etag: null, active: null, events: ["workflow_job"] },
  configuration: [{ url: receiver.url, secret: "one", content_type: "json", insecure_ssl: null, ...configuration }],
  ...more,
});

describe("github_organization_webhook", () => {
  const type = "github_organization_webhook";

  it("makes a hook that gets a ping and then the events", async () => {
    const created = await behaviour(type).create(planned());
    github.queueJob({ repository: "acme/lib", labels: ["x"] });
    await github.deliveries.settled();

    const [hook] = github.hooks();
    expect(created).toEqual({
      id: String(hook?.id),
      url: `${github.apiUrl}/orgs/acme/hooks/${hook?.id}`,
      etag: expect.stringMatching(/^W\/"/),
    });
    expect(receiver.received.map(({ headers }) => headers["x-github-event"])).toEqual(["ping", "workflow_job"]);
  });

  it("is read back as it was planned, secret and unset attributes included", async () => {
    const state = { ...planned(), ...(await behaviour(type).create(planned())) };

    expect(await behaviour(type).read?.(state)).toEqual(state);
  });

  it("shows what was changed by hand", async () => {
    const state = { ...planned(), ...(await behaviour(type).create(planned())) };
    const [hook] = github.hooks();
    Object.assign(hook ?? {}, { active: false, contentType: "form", events: ["push"] });

    const read = await behaviour(type).read?.(state);

    expect(read).toMatchObject({ active: false, events: ["push"], configuration: [{ content_type: "form" }] });
  });

  it("is changed in place, with the new secret from then on", async () => {
    const state = { ...planned(), ...(await behaviour(type).create(planned())) };
    await behaviour(type).update?.(planned({}, { secret: "two" }), state);
    await github.deliveries.settled();

    const [hook, ...others] = github.hooks();

    expect(others).toEqual([]);
    expect(hook).toMatchObject({ id: Number(state.id), secret: "two" });
  });

  it("is gone when it is deleted, here or by hand", async () => {
    const state = { ...planned(), ...(await behaviour(type).create(planned())) };

    await behaviour(type).delete?.(state);

    expect(github.hooks()).toEqual([]);
    expect(await behaviour(type).read?.(state)).toBeNull();
  });

  it("is refused where GitHub refuses it", async () => {
    const create = async (values: Values) => behaviour(type).create(values);
    await create(planned());

    await expect(create(planned())).rejects.toThrow("422 Validation Failed: Hook already exists on this organization");
    await expect(create(planned({ events: ["workflow_jobs"] }))).rejects.toThrow(
      '"workflow_jobs" is not a valid hook event',
    );
    await expect(create(planned({}, { url: "ftp://example.com" }))).rejects.toThrow("url must be a valid URL");
    await expect(create(planned({}, { content_type: "xml", url: `${receiver.url}x` }))).rejects.toThrow("content_type");
    await expect(create(planned({ configuration: [] }))).rejects.toThrow("configuration");
  });

  it("is for organizations only", async () => {
    const other = await startGitHub({ repositories: ["jane/app"], users: ["jane"] });
    const create = async () => other.providers.github.unconfigured.resources[type]?.create(planned());

    await expect(create()).rejects.toThrow('in the context of an organization, "jane" is a user');
    await other.close();
  });
});

describe("github_repository_webhook", () => {
  const type = "github_repository_webhook";

  it("makes a hook of that repository alone", async () => {
    const created = await behaviour(type).create(planned({ repository: "app" }));
    github.queueJob({ repository: "acme/lib", labels: ["x"] });
    await github.deliveries.settled();

    expect(created.url).toMatch(/\/repos\/acme\/app\/hooks\/\d+$/);
    expect(receiver.received.map(({ headers }) => headers["x-github-event"])).toEqual(["ping"]);
    expect(behaviour(type).replacedBy).toEqual(["repository"]);
  });

  it("needs a repository of the provider's owner", async () => {
    const create = async () => behaviour(type).create(planned({ repository: "nothing" }));

    await expect(create()).rejects.toThrow("POST /repos/acme/nothing/hooks: 404 Not Found");
  });

  it("is allowed twenty times for an event", async () => {
    const create = async (index: number) =>
      behaviour(type).create(planned({ repository: "app" }, { url: `${receiver.url}${index}` }));
    for (let index = 0; index < 20; index += 1) await create(index);

    await expect(create(20)).rejects.toThrow('The "workflow_job" event cannot have more than 20 hooks');
  });
});

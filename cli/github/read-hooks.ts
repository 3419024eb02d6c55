import * as v from "valibot";
import type { ManagedHooks } from "../../contract/secrets.ts";
import { readBody } from "../../dispatcher/github/read-body.ts";
import type { Known } from "../core/finding.ts";
import type { AttemptView, HookKind, HookView } from "../core/judge-github.ts";
import type { AskGitHub } from "./ask-github.ts";

/** Where one webhook is found. */
export interface HookPlace {
  name: string;
  path: string;
  parameters: Readonly<Record<string, string | number>>;
}

const hookBody = v.object({
  active: v.boolean(),
  events: v.array(v.string()),
  config: v.object({ url: v.optional(v.string(), ""), content_type: v.optional(v.string(), "form") }),
});
const appHookBody = v.object({ url: v.optional(v.string(), ""), content_type: v.optional(v.string(), "form") });
const deliveriesBody = v.array(
  v.object({
    guid: v.string(),
    event: v.string(),
    status_code: v.number(),
    delivered_at: v.pipe(v.string(), v.isoTimestamp()),
  }),
);

const JOB_EVENT = "workflow_job";
/** GitHub's largest page; more of the past is not looked at. */
const PAGE_SIZE = 100;

/** Which kind of webhook brings the jobs. */
export function kindOf(hooks: ManagedHooks): HookKind {
  if (typeof hooks.organization === "number") return "organization";
  return Object.keys(hooks.repositories).length > 0 ? "repository" : "app";
}

/** Where the webhooks that Terraform manages are found. */
export function placesOf(hooks: ManagedHooks, owner: string): HookPlace[] {
  if (typeof hooks.organization === "number") {
    const parameters = { org: owner, hook_id: hooks.organization };
    return [{ name: `${owner}'s webhook`, path: "/orgs/{org}/hooks/{hook_id}", parameters }];
  }
  return Object.entries(hooks.repositories).map(([repo, id]) => ({
    name: `${owner}/${repo}'s webhook`,
    path: "/repos/{owner}/{repo}/hooks/{hook_id}",
    parameters: { owner, repo, hook_id: id },
  }));
}

/** One webhook that Terraform manages. */
export async function readHook(ask: AskGitHub, { name, path, parameters }: HookPlace): Promise<Known<HookView>> {
  const answer = await ask(`GET ${path}`, parameters);
  if ("failure" in answer) {
    const { status, message } = answer.failure;
    return status === 404
      ? { fail: `${name} does not exist`, fix: "terraform apply creates it again" }
      : { skip: `${name} could not be read (${status || "no answer"}: ${message})` };
  }
  const { active, events, config } = readBody(hookBody, `reading ${name}`, answer.body);
  return { value: { active, events, url: config.url, contentType: config.content_type } };
}

/** The App's own webhook; one made by hand elsewhere cannot be found. */
export async function readAppHook(ask: AskGitHub, functionUrl: string): Promise<Known<HookView>> {
  const answer = await ask("GET /app/hook/config");
  const byHand = {
    skip: "Terraform manages none, and the App's own does not lead to the function: one made by hand is yours to check",
    fix: `its URL is ${functionUrl}/, its content type application/json, its event Workflow jobs`,
  };
  if ("failure" in answer) return byHand;
  const { url, content_type } = readBody(appHookBody, "reading the App's webhook", answer.body);
  return url.replace(/\/+$/, "") === functionUrl ? { value: { url, contentType: content_type } } : byHand;
}

/** The newest attempts at deliveries of a webhook; without a place, of the App's own. */
export async function readAttempts(ask: AskGitHub, place: HookPlace | undefined): Promise<Known<AttemptView[]>> {
  const { path, parameters, name } = place ?? { path: "/app/hook", parameters: {}, name: "the App's webhook" };
  const answer = await ask(`GET ${path}/deliveries`, { ...parameters, per_page: PAGE_SIZE });
  if ("failure" in answer) return { skip: `the deliveries of ${name} could not be read: ${answer.failure.message}` };
  // A ping brings no job, and that of an App which is made before its deployment has nowhere to go.
  const ofJobs = readBody(deliveriesBody, `reading the deliveries of ${name}`, answer.body).filter(
    ({ event }) => event === JOB_EVENT,
  );
  return {
    value: ofJobs.map((attempt) => ({
      guid: attempt.guid,
      statusCode: attempt.status_code,
      deliveredAt: new Date(attempt.delivered_at),
    })),
  };
}

import { createRequire } from "node:module";
import type { WebhookDefinition } from "@octokit/webhooks-examples";
import type { PingEvent, WorkflowJobEvent } from "@octokit/webhooks-types";
import type { Addresses } from "./world.ts";

/** Whose payloads the examples are; their names and hosts become those of this GitHub. */
const EXAMPLE = { fullName: "Codertocat/Hello-World", owner: "Octocoders" };

// The package's entry is JSON, whatever its types say of a default export.
const definitions: WebhookDefinition[] = createRequire(import.meta.url)("@octokit/webhooks-examples");

function examplesOf(name: string): object[] {
  const definition = definitions.find((candidate) => candidate.name === name);
  if (definition === undefined) throw new Error(`@octokit/webhooks-examples has no ${name}`);
  return definition.examples;
}

/** The recorded `workflow_job` payload of an action, of GitHub.com as it is written today. */
export function exampleWorkflowJob(action: WorkflowJobEvent["action"]): WorkflowJobEvent {
  const examples = examplesOf("workflow_job") as WorkflowJobEvent[];
  const found = examples.findLast((example) => example.action === action);
  if (found === undefined) throw new Error(`@octokit/webhooks-examples has no workflow_job ${action}`);
  return found;
}

/** The recorded `ping` payload of a hook's type. */
export function examplePing(type: "Repository" | "Organization"): PingEvent {
  const found = (examplesOf("ping") as PingEvent[]).findLast((example) => example.hook.type === type);
  if (found === undefined) throw new Error(`@octokit/webhooks-examples has no ping of type ${type}`);
  return found;
}

/** The repository of a recorded payload. */
export function exampleRepository(): WorkflowJobEvent["repository"] {
  const examples = examplesOf("workflow_job") as WorkflowJobEvent[];
  const found = examples.find(({ repository }) => repository.full_name === EXAMPLE.fullName);
  if (found === undefined) throw new Error(`@octokit/webhooks-examples has no payload of ${EXAMPLE.fullName}`);
  return found.repository;
}

/** The example with this GitHub's addresses and the repository's name in place of its own. */
export function rewrite<T extends object>(example: T, { apiUrl, htmlUrl }: Addresses, fullName: string): T {
  const [owner = ""] = fullName.split("/");
  const text = JSON.stringify(example)
    .replaceAll("https://api.github.com", apiUrl)
    .replaceAll("https://github.com", htmlUrl)
    .replaceAll(EXAMPLE.fullName, fullName)
    .replaceAll(EXAMPLE.owner, owner);
  return JSON.parse(text) as T;
}

import type {
  dispatcherEnvironment,
  pruneEnvironment,
  redeliverEnvironment,
  webhookEnvironment,
} from "../../contract/environment.ts";
import type { refreshEnvironment } from "../../contract/refresh-environment.ts";
import { call, conditional, notEqual } from "../hcl/build.ts";
import { asString } from "../synth/hcl-token.ts";
import { input, local } from "./reference.ts";

/** A value for each variable that a function's contract names: one more or one less does not compile. */
export type EnvironmentOf<Schema extends { readonly entries: object }> = {
  readonly [Name in keyof Schema["entries"]]: string;
};

export type WebhookVariables = EnvironmentOf<typeof webhookEnvironment>;
export type DispatcherVariables = EnvironmentOf<typeof dispatcherEnvironment>;
export type RedeliverVariables = EnvironmentOf<typeof redeliverEnvironment>;
export type PruneVariables = EnvironmentOf<typeof pruneEnvironment>;
export type RefreshVariables = EnvironmentOf<typeof refreshEnvironment>;
type ScopeVariables = Pick<
  WebhookVariables & DispatcherVariables,
  "REQUIRED_LABELS" | "RUNNER_LABELS" | "GH_OWNER" | "GH_REPOSITORIES" | "CLASSES_PARAM" | "RUNNER_NAME_PREFIX"
>;

/** Which jobs are ours, as both functions are told. */
export function scopeVariables(): ScopeVariables {
  return {
    REQUIRED_LABELS: asString(call("join", ",", input("required_labels"))),
    RUNNER_LABELS: asString(call("join", ",", input("runner_labels"))),
    GH_OWNER: local("github_owner"),
    GH_REPOSITORIES: asString(call("join", ",", local("github_repository_names"))),
    CLASSES_PARAM: local("classes_param"),
    RUNNER_NAME_PREFIX: input("name_prefix"),
  };
}

/** A number or boolean of the inputs as text. */
export function textOf(name: string): string {
  return asString(call("tostring", input(name)));
}

/** The version that launches name, as the functions that have to agree on it are told. */
export function imageVersionVariable(): string {
  return asString(conditional(notEqual(input("image_version"), null), input("image_version"), ""));
}

/** The runner group as text, as the functions that have to agree on it are told. */
export function runnerGroupVariable(): string {
  return asString(conditional(notEqual(input("runner_group_id"), null), textOf("runner_group_id"), ""));
}

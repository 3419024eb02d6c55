import {
  type Problem,
  type ProviderBehaviour,
  ProviderError,
  type ResourceBehaviour,
  type Value,
  type Values,
} from "../terraform/behaviour.ts";
import type { Owner } from "./accounts.ts";
import { ApiError } from "./api-error.ts";
import type { Hook, HookConfig, HookTarget } from "./hooks.ts";
import { hookPath } from "./payloads.ts";
import type { World } from "./world.ts";

/**
 * The webhooks of the Terraform provider integrations/github, which works on one account; `trusting` lets every
 * repository be.
 */
export function webhookBehaviours(world: World, owner: Owner, trusting: boolean): ProviderBehaviour {
  return {
    resources: {
      github_organization_webhook: webhook(world, () => {
        // terraform-provider-github, github/util.go, `checkOrganization`.
        if (owner.type !== "Organization") {
          throw new ProviderError(
            `this resource can only be used in the context of an organization, "${owner.login}" is a user`,
          );
        }
        return { kind: "organization", owner };
      }),
      github_repository_webhook: {
        ...webhook(world, ({ repository }) => {
          const fullName = `${owner.login}/${String(repository)}`;
          const found = trusting ? world.accounts.addRepository(fullName) : world.accounts.repository(fullName);
          if (found === undefined) throw refused("POST", `/repos/${fullName}/hooks`, 404, "Not Found");
          return { kind: "repository", repository: found };
        }),
        replacedBy: ["repository"],
      },
    },
  };
}

function webhook(world: World, targetOf: (values: Values) => HookTarget): ResourceBehaviour {
  const find = (state: Values): Hook | undefined => world.hooks.byId(Number(state.id));
  const computed = (hook: Hook): Values => ({
    id: String(hook.id),
    url: `${world.addresses.apiUrl}${hookPath(hook)}`,
    etag: `W/"${hook.id.toString(16)}-${hook.updatedAt.toString(16)}"`,
  });
  const attempt = (method: string, path: string, work: () => Hook): Values => {
    try {
      return computed(work());
    } catch (error: unknown) {
      if (error instanceof ApiError) throw refused(method, path, error.status, error.message);
      throw error;
    }
  };
  return {
    validate: checkConfiguration,
    volatile: ["etag"],
    create(planned) {
      const target = targetOf(planned);
      return attempt("POST", collectionPath(target), () => world.hooks.create(target, readConfig(planned)));
    },
    read(state) {
      const hook = find(state);
      if (hook === undefined) return null;
      const [configuration] = Array.isArray(state.configuration) ? state.configuration : [];
      const prior = isValues(configuration) ? configuration : {};
      return {
        ...state,
        ...computed(hook),
        active: shown(state.active, hook.active, true),
        events: sameSet(state.events, hook.events) ? (state.events ?? []) : [...hook.events],
        configuration: [
          {
            url: hook.url,
            content_type: shown(prior.content_type, hook.contentType, "form"),
            insecure_ssl: shown(prior.insecure_ssl, hook.insecureSsl, false),
            // GitHub never shows the secret: the provider keeps the one of the state.
            secret: prior.secret ?? (hook.secret === undefined ? null : "********"),
          },
        ],
      };
    },
    update(planned, prior) {
      const hook = find(prior);
      if (hook === undefined) throw refused("PATCH", String(prior.url), 404, "Not Found");
      return attempt("PATCH", hookPath(hook) ?? "", () => world.hooks.update(hook, readConfig(planned)));
    },
    delete(state) {
      const hook = find(state);
      if (hook !== undefined) world.hooks.delete(hook);
    },
  };
}

/** What was left to its default stays unset, as the provider's own comparison has it. */
function shown(prior: Value | undefined, actual: Value, standard: Value): Value {
  return (prior === null || prior === undefined) && actual === standard ? null : actual;
}

function sameSet(values: Value | undefined, events: string[]): boolean {
  return (
    Array.isArray(values) && values.length === events.length && values.every((value) => events.includes(String(value)))
  );
}

function readConfig(planned: Values): HookConfig {
  const [block] = Array.isArray(planned.configuration) ? planned.configuration : [];
  if (!isValues(block)) throw new ProviderError("configuration: a webhook needs a configuration block with a url");
  const { url, secret, content_type: contentType, insecure_ssl: insecureSsl } = block;
  return {
    url: String(url),
    ...(typeof secret === "string" ? { secret } : {}),
    // GitHub refuses any other; it is passed on so that it does.
    ...(typeof contentType === "string" ? { contentType: contentType as "json" | "form" } : {}),
    ...(typeof insecureSsl === "boolean" ? { insecureSsl } : {}),
    events: Array.isArray(planned.events) ? planned.events.map(String) : [],
    active: planned.active !== false,
  };
}

/** What the provider checks before it calls GitHub. */
function checkConfiguration(config: Values): Problem[] {
  const problems: Problem[] = [];
  const { events, name } = config;
  if (Array.isArray(events) && events.length === 0) {
    problems.push({
      summary: "Not enough list items",
      detail: "events must name at least one event",
      attribute: ["events"],
    });
  }
  if (typeof name === "string" && name !== "web") {
    problems.push({ summary: "The `name` attribute is no longer necessary", attribute: ["name"] });
  }
  return problems;
}

function collectionPath(target: HookTarget): string {
  if (target.kind === "organization") return `/orgs/${target.owner.login}/hooks`;
  return target.kind === "repository" ? `/repos/${target.repository.fullName}/hooks` : "/app/hook";
}

function refused(method: string, path: string, status: number, message: string): ProviderError {
  return new ProviderError(`${method} ${path}: ${status} ${message}`);
}

function isValues(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

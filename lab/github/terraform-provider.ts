import { createPrivateKey, sign } from "node:crypto";
import { createEventLog } from "../aws/event-log.ts";
import {
  type Backend,
  type Configuration,
  type ProviderBehaviour,
  ProviderError,
  type Values,
} from "../terraform/behaviour.ts";
import type { Owner } from "./accounts.ts";
import { type Api, createApi } from "./api.ts";
import { createRateLimits } from "./rate-limits.ts";
import { webhookBehaviours } from "./terraform-webhooks.ts";
import type { Views } from "./view.ts";
import type { World } from "./world.ts";

export interface ProviderOptions {
  /** Variables such as GITHUB_TOKEN, as the provider's process has them. */
  environment: Readonly<Record<string, string | undefined>>;
  /** The account of a provider block that names none, has no token, and so is asked nothing. */
  fallbackOwner: Owner;
  /**
   * Takes every account and every App for one that GitHub knows, with the key that is given: nobody need be told them.
   */
  trusting: boolean;
}

interface AppAuth {
  id: string;
  installationId: string;
  pem: string;
}

/**
 * The provider integrations/github: it finds out whom it works for when it is configured, and so may fail before any
 * resource is looked at (terraform-provider-github, github/provider.go, `configureProvider` and
 * `configureProviderMeta`).
 */
export function githubBackend(shared: World, views: Views, options: ProviderOptions): Backend {
  // Of one GitHub with everybody else, but in nobody else's count of calls.
  const now = () => shared.clock.now();
  const world = { ...shared, events: createEventLog(shared.clock), limits: createRateLimits(5_000, false, now) };
  let created: Promise<Api> | undefined;
  const serve = (owner: Owner): ProviderBehaviour => webhookBehaviours(world, owner, options.trusting);
  return {
    unconfigured: serve(options.fallbackOwner),
    async configure(configuration) {
      created ??= createApi(world, views);
      const api = await created;
      const name = ownerNameOf(configuration, options.environment);
      const token = await tokenOf(world, api, options, configuration, name);
      if (name === "") return serve(token === "" ? options.fallbackOwner : await ownerOfToken(world, api, token));
      if (options.trusting) return serve(world.accounts.addOwner(name));
      const failure = await ask(world, api, "GET", `/users/${name}`, token === "" ? undefined : `Bearer ${token}`);
      const owner = world.accounts.owner(name);
      if (typeof failure === "string" || owner === undefined) {
        throw new ProviderError(`failed to lookup owner "${name}": ${String(failure)}`);
      }
      return serve(owner);
    },
  };
}

/** An environment variable wins over `owner`, as it does there. */
function ownerNameOf({ values }: Configuration, environment: ProviderOptions["environment"]): string {
  const given = [
    values.organization ?? environment.GITHUB_ORGANIZATION,
    environment.GITHUB_OWNER,
    values.owner ?? environment.GITHUB_OWNER,
  ];
  return given.map((value) => (typeof value === "string" ? value : "")).find((value) => value !== "") ?? "";
}

async function tokenOf(
  world: World,
  api: Api,
  { environment, trusting }: ProviderOptions,
  { values }: Configuration,
  owner: string,
): Promise<string> {
  const [block] = Array.isArray(values.app_auth) ? values.app_auth : [];
  const app = appAuthOf(isValues(block) ? block : {}, environment);
  if (app === undefined && block !== undefined) {
    throw new ProviderError("app_auth block is set but required fields are missing or contains empty values");
  }
  if (app !== undefined && owner === "") throw new ProviderError("owner must be set for github app authentication");
  if (app !== undefined) return mint(world, api, app, trusting);
  const given = typeof values.token === "string" ? values.token : environment.GITHUB_TOKEN;
  // Without one it runs `gh auth token`, which prints this variable (GitHub CLI manual, gh help environment).
  return given || environment.GH_TOKEN || "";
}

function appAuthOf(block: Values, environment: ProviderOptions["environment"]): AppAuth | undefined {
  const either = (name: string, variable: string) => String(block[name] || environment[variable] || "");
  const id = either("id", "GITHUB_APP_ID");
  const installationId = either("installation_id", "GITHUB_APP_INSTALLATION_ID");
  const pem = either("pem_file", "GITHUB_APP_PEM_FILE").replaceAll("\\n", "\n");
  return id === "" || installationId === "" || pem === "" ? undefined : { id, installationId, pem };
}

async function mint(world: World, api: Api, app: AppAuth, trusting: boolean): Promise<string> {
  const jwt = signJwt(app, Math.floor(world.clock.now() / 1_000));
  if (trusting) return jwt;
  const path = `/app/installations/${app.installationId}/access_tokens`;
  const answer = await ask(world, api, "POST", path, `Bearer ${jwt}`);
  if (typeof answer === "string") throw new ProviderError(`failed to create OAuth token from GitHub App: ${answer}`);
  return String(answer.token);
}

function signJwt({ id, pem }: AppAuth, now: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iat: now - 60, exp: now + 540, iss: id })}`;
  try {
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), createPrivateKey(pem)).toString("base64url")}`;
  } catch {
    throw new ProviderError("no decodeable PEM data found");
  }
}

async function ownerOfToken(world: World, api: Api, token: string): Promise<Owner> {
  // No user signs in to the lab's GitHub, so this ends as it does for the token of an Actions job.
  const answer = await ask(world, api, "GET", "/user", `Bearer ${token}`);
  const found = typeof answer === "string" ? undefined : world.accounts.owner(String(answer.login));
  if (found === undefined) throw new ProviderError(`owner cannot be found by token: ${String(answer)}`);
  return found;
}

/** The answer's body, or the error as go-github words it. */
async function ask(
  { addresses }: World,
  api: Api,
  method: string,
  path: string,
  authorization: string | undefined,
): Promise<Values | string> {
  const answer = await api.handle({ method, path, query: "", headers: { authorization }, body: "" });
  if (answer === "cut") return `${method} ${addresses.apiUrl}${path}: EOF`;
  const body = answer.body as Values;
  return answer.status < 400
    ? body
    : `${method} ${addresses.apiUrl}${path}: ${answer.status} ${String(body.message)} []`;
}

function isValues(value: Values[string] | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

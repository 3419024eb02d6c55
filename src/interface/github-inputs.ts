import { LIMITS } from "../../contract/limits.ts";
import { above, and, atMost, call, conditional, equal, index, listFor, not, notEqual, or, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import type { Input } from "./input.ts";
import { githubAppKeySource, webhookSecretGeneration } from "./key-inputs.ts";
import { distinctIgnoringCase, every, matches, nullOr, rule, wholeNumberWithin } from "./rules.ts";

const MAX_API_URL_CHARACTERS = 200;

/**
 * Lambda allows a function 4 KB of environment. The dispatcher's other variables take at most 2,560 characters: names
 * of variables 300, ARNs and URLs 1,000 at the longest name_prefix and Region, role_path 100, the API URL 200, two
 * label lists 450 each.
 */
const MAX_REPOSITORY_CHARACTERS = 1_500;

/** A login: letters, digits, hyphens, and the underscore of an enterprise's managed users; at most 39 characters. */
const LOGIN = "[A-Za-z0-9][A-Za-z0-9_-]{0,38}";

/** Owner of an `owner/name`, in lower case. */
const ownerOf = (repository: Expression) => call("lower", index(call("split", "/", repository), 0));

/** Name of an `owner/name`. */
const nameOf = (repository: Expression) => call("element", call("split", "/", repository), 1);

// The private key is reached through a function: Terraform prints the values of the references in a condition that
// failed, and would print `var.github_app.private_key` in clear.
const PRIVATE_KEY = call("lookup", ref("var.github_app"), "private_key", "");
const HOLDS_PEM = call("try", call("strcontains", PRIVATE_KEY, "-----BEGIN"), false);
const KEY_SOURCE = ref("var.github_app_key_source");
const ORGANIZATION = ref("var.github_organization");
const REPOSITORIES = ref("var.github_repositories");
const API_URL = ref("var.github_api_url");
const API_HOST_AND_PATH = call("lower", call("trimsuffix", API_URL, "/"));
const pem = (kind: string) => String.raw`-----BEGIN ${kind}-----[A-Za-z0-9+/=\s]+-----END ${kind}-----`;
/**
 * The functions read a key with line ends written as two characters, and the base64 of a key's file
 * (dispatcher/github/normalise-pem.ts).
 */
const WITH_LINE_ENDS = call("replace", call("replace", PRIVATE_KEY, "\\r", ""), "\\n", "\n");
const DECODED = call("try", call("base64decode", call("replace", PRIVATE_KEY, String.raw`/\s+/`, "")), "");
const KEY_TEXT = call("try", conditional(HOLDS_PEM, WITH_LINE_ENDS, DECODED), "");

export const githubApp: Input = {
  name: "github_app",
  type: call("object", {
    app_id: ref("string"),
    installation_id: call("optional", ref("string")),
    private_key: ref("string"),
  }),
  description:
    "GitHub App credentials - the dispatcher's machine identity. app_id: numeric App ID as a string, e.g. \"123456\" (NOT the Client ID). installation_id: App installation ID. Optional for the dispatcher (it derives it per-repo), but REQUIRED when manage_webhooks = true because the github provider's app_auth block needs it. private_key: App private key PEM contents (not a file path).",
  validations: [
    rule(
      matches(ref("var.github_app.app_id"), "^[1-9][0-9]{0,15}$"),
      'github_app.app_id must be the numeric App ID as a string, such as "123456"; the Client ID (Iv1..., Iv23...) is not it. GitHub shows it on the App\'s settings page.',
    ),
    rule(
      nullOr(
        ref("var.github_app.installation_id"),
        matches(ref("var.github_app.installation_id"), "^[1-9][0-9]{0,15}$"),
      ),
      'github_app.installation_id must be a number as a string, such as "12345678": the number at the end of the URL of the App\'s installation page. Leave it out to have it looked up.',
    ),
    rule(
      or(not(ref("var.manage_webhooks")), notEqual(ref("var.github_app.installation_id"), null)),
      "github_app.installation_id is required when manage_webhooks is true, because the github provider's app_auth block needs it: write the installation's number, or set manage_webhooks = false.",
    ),
    rule(
      or(notEqual(PRIVATE_KEY, null), notEqual(KEY_SOURCE, null)),
      'github_app.private_key is null and there is no github_app_key_source: set private_key = file("app.pem"), or github_app_key_source to the place where the key is kept.',
    ),
    rule(
      or(equal(PRIVATE_KEY, null), equal(KEY_SOURCE, null)),
      "github_app.private_key and github_app_key_source are both given: set private_key = null to use github_app_key_source, or leave github_app_key_source out.",
    ),
    rule(
      nullOr(PRIVATE_KEY, call("strcontains", KEY_TEXT, "-----BEGIN")),
      'github_app.private_key must be the contents of the PEM file, not its path or name: write private_key = file("app.pem").',
    ),
    rule(
      or(
        not(call("strcontains", KEY_TEXT, "-----BEGIN")),
        matches(KEY_TEXT, String.raw`^[\s\x22']*(${pem("RSA PRIVATE KEY")}|${pem("PRIVATE KEY")})[\s\x22']*$`),
      ),
      "github_app.private_key must be one whole PEM private key, from its BEGIN line to its END line, of the kind RSA PRIVATE KEY or PRIVATE KEY and not encrypted: pass the .pem file that GitHub generated for the App, unchanged.",
    ),
  ],
};

export const githubInputs: readonly Input[] = [
  {
    name: "allow_fork_pull_requests",
    type: ref("bool"),
    description:
      "Whether jobs of pull requests from forks of public repositories get a runner: their code is anybody's. -> ALLOW_FORK_PULL_REQUESTS.",
    default: false,
  },
  {
    name: "github_api_url",
    type: ref("string"),
    description: "GitHub REST API base URL. Set for GitHub Enterprise Server. -> GH_API_URL.",
    default: "https://api.github.com",
    validations: [
      rule(
        not(call("endswith", API_URL, "/")),
        "github_api_url must not end with a slash: write https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server.",
      ),
      rule(
        and(
          atMost(call("length", API_URL), MAX_API_URL_CHARACTERS),
          matches(
            call("trimsuffix", API_URL, "/"),
            String.raw`^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$`,
          ),
        ),
        `github_api_url must be an https URL of at most ${MAX_API_URL_CHARACTERS} characters without user, query or fragment: write https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server. Plain http is accepted for localhost only.`,
      ),
      rule(
        or(
          matches(API_HOST_AND_PATH, String.raw`^https://api\.(github|[a-z0-9-]+\.ghe)\.com$`),
          and(
            matches(API_HOST_AND_PATH, "^https://.*/api/v3$"),
            not(matches(API_HOST_AND_PATH, String.raw`^https://([a-z0-9-]+\.)*(github|ghe)\.com[:/]`)),
          ),
          matches(API_HOST_AND_PATH, String.raw`^https?://(localhost|127\.0\.0\.1)([:/]|$)`),
        ),
        "github_api_url is a web address or has the wrong path, where no REST API answers: write https://api.github.com for github.com, https://api.SUBDOMAIN.ghe.com for GitHub Enterprise Cloud at SUBDOMAIN.ghe.com, or https://HOST/api/v3 for GitHub Enterprise Server.",
      ),
    ],
  },
  githubAppKeySource,
  {
    name: "github_organization",
    type: ref("string"),
    description:
      "GitHub org (or user) that owns the runners/webhooks. Used as the github provider `owner` in your root module, and (with empty github_repositories) selects an org-level webhook.",
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(ORGANIZATION, matches(ORGANIZATION, `^${LOGIN}$`)),
        "github_organization must be the login of an organization or user, such as my-org: no URL, no slash, no @.",
      ),
    ],
  },
  {
    name: "github_repositories",
    type: call("list", ref("string")),
    description:
      "Repositories to attach runner webhooks to, as 'owner/name'. Empty => an org-level webhook (requires github_organization). All entries must belong to the github provider's owner.",
    default: [],
    validations: [
      // Rules about both variables stand with one of them: rules that refer to each other's variable are a cycle.
      rule(
        or(notEqual(ORGANIZATION, null), above(call("length", REPOSITORIES), 0)),
        'No scope is given: set github_organization = "my-org" for all repositories of an organization, or github_repositories = ["my-org/my-repo"] for some.',
      ),
      rule(
        every(REPOSITORIES, "repository", (repository) =>
          and(
            matches(repository, `^${LOGIN}/[A-Za-z0-9._-]{1,100}$`),
            not(matches(repository, String.raw`(?i)(/\.\.?|\.git)$`)),
          ),
        ),
        "github_repositories must hold entries of the form owner/name, such as my-org/my-repo: no URL, no .git and no wildcard.",
      ),
      rule(
        distinctIgnoringCase(REPOSITORIES, "repository"),
        "github_repositories names a repository twice (GitHub ignores case in names): remove the duplicate.",
      ),
      rule(
        atMost(call("length", call("distinct", listFor("repository", REPOSITORIES, ownerOf))), 1),
        "github_repositories must all belong to one owner, the github provider's: use one module call for each owner.",
      ),
      rule(
        conditional(
          equal(ORGANIZATION, null),
          true,
          every(REPOSITORIES, "repository", (repository) => equal(ownerOf(repository), call("lower", ORGANIZATION))),
        ),
        "github_repositories must belong to github_organization: write entries as <github_organization>/<name>, or leave github_organization out.",
      ),
      rule(
        atMost(
          call("length", call("join", ",", listFor("repository", REPOSITORIES, nameOf))),
          MAX_REPOSITORY_CHARACTERS,
        ),
        `github_repositories is too long: the names without their owner, joined by commas, may take ${MAX_REPOSITORY_CHARACTERS} characters, because a Lambda function's environment is limited to 4 KB. Leave it empty and set github_organization: an organization webhook serves all repositories.`,
      ),
    ],
  },
  {
    name: "manage_webhooks",
    type: ref("bool"),
    description:
      "If true, Terraform creates the workflow_job webhooks via the github provider (configure it in your root module). If false, wire them up yourself from the webhook_payload_url + webhook_secret outputs.",
    default: true,
  },
  {
    name: "runner_group_id",
    type: ref("number"),
    description:
      "ID of a runner group of the organization to register runners in, which takes the App's organization permission \"Self-hosted runners\". Default (null) registers each runner in its job's repository. -> RUNNER_GROUP_ID.",
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(
          ref("var.runner_group_id"),
          wholeNumberWithin(call("coalesce", ref("var.runner_group_id"), 0), LIMITS.runnerGroupId),
        ),
        "runner_group_id must be the number of a runner group, which stands at the end of the URL of the group's settings page; or null, to register each runner in its job's repository.",
      ),
    ],
  },
  webhookSecretGeneration,
];

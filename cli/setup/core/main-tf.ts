import { constraintFor, MODULE_SOURCE } from "../../../contract/module-source.ts";
import { attribute, blank, block, comment, ref } from "../../../src/hcl/build.ts";
import type { Body, Item, Literal } from "../../../src/hcl/model.ts";
import { printBody } from "../../../src/hcl/print.ts";
import type { GitHubPlace } from "./github-place.ts";
import type { KeyKind } from "./setup-record.ts";
import type { Wish } from "./wish.ts";

/** What stands on the PATH. */
export interface Tool {
  readonly name: "terraform" | "tofu";
  /** Such as `1.11.4`. */
  readonly version: string;
}

export interface Configuration {
  readonly tool: Tool;
  /** Of the module. */
  readonly version: string;
  readonly moduleName: string;
  readonly prefix: string;
  readonly region: string;
  readonly place: GitHubPlace;
  readonly wish: Wish;
  readonly key: KeyKind;
  readonly keyAt: string;
  /** Customer managed key that encrypts the parameter or the secret. */
  readonly kmsKeyArn?: string | undefined;
  readonly appId: string;
  readonly installationId: string;
  /** In place of the module's own default. */
  readonly memoryMib?: number | undefined;
}

/** The name that the module has where set-up writes the configuration. */
export const DEFAULT_MODULE_NAME = "gha_runner";
export const DEFAULT_PREFIX = "gha-microvm";

/**
 * The first release that has ephemeral resources: Terraform 1.10 (its changelog, "Ephemeral resources"), OpenTofu 1.11
 * (its "What's new", ephemeral values).
 */
const EPHEMERAL_FROM = { terraform: "1.10.0", tofu: "1.11.0" } as const;

/** Whether the provider's key can be read in each run, and so stay out of plan and state. */
export function hasEphemeral({ name, version }: Tool): boolean {
  return compare(version, EPHEMERAL_FROM[name]) >= 0;
}

/** The configuration, as `terraform fmt` leaves it. */
export function mainTf(configuration: Configuration): string {
  const { wish, key, tool } = configuration;
  const isOurs = wish.webhook !== "app";
  const reads = isOurs && (key === "ssm" || key === "secretsmanager");
  const ephemeral = reads && hasEphemeral(tool);
  const { region } = configuration;
  const body: Body = [
    ...versions(configuration, ephemeral),
    block("provider", ["aws"], [attribute("region", region)]),
    block("provider", ["awscc"], [attribute("region", region)]),
    ...(ephemeral ? [readKey(configuration)] : []),
    ...(reads && !ephemeral ? [comment(environmentNote(tool))] : []),
    githubProvider(configuration, ephemeral),
    moduleCall(configuration),
  ];
  return printBody(body);
}

/** What the GitHub provider is given by the environment where no ephemeral resource can be. */
export function environmentCommands({ appId, installationId, key, keyAt, region }: Configuration): string[] {
  const read =
    key === "secretsmanager"
      ? `aws secretsmanager get-secret-value --secret-id ${keyAt} --query SecretString --output text --region ${region}`
      : `aws ssm get-parameter --name ${keyAt} --with-decryption --query Parameter.Value --output text --region ${region}`;
  return [
    `export GITHUB_APP_ID=${appId} GITHUB_APP_INSTALLATION_ID=${installationId}`,
    `export GITHUB_APP_PEM_FILE="$(${read})"`,
  ];
}

function environmentNote({ name, version }: Tool): string {
  const title = name === "tofu" ? "OpenTofu" : "Terraform";
  return (
    `${title} ${version} has no ephemeral resources: the provider takes the App from the environment,\n` +
    "GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PEM_FILE, which keeps the key out of the state."
  );
}

function versions({ tool }: Configuration, ephemeral: boolean): Item[] {
  const provider = (source: string, version: string): Literal => ({ source, version });
  const needed = ephemeral ? EPHEMERAL_FROM[tool.name].replace(/\.0$/, "") : "1.9";
  return [
    block(
      "terraform",
      [],
      [
        attribute("required_version", `>= ${needed}`),
        block(
          "required_providers",
          [],
          [
            attribute("aws", provider("hashicorp/aws", ">= 6.29, < 7.0")),
            attribute("awscc", provider("hashicorp/awscc", ">= 1.90")),
            attribute("github", provider("integrations/github", ">= 6.2")),
          ],
        ),
      ],
    ),
  ];
}

function readKey({ key, keyAt }: Configuration): Item {
  const [type, name] =
    key === "secretsmanager" ? ["aws_secretsmanager_secret_version", "secret_id"] : ["aws_ssm_parameter", "arn"];
  return block(
    "ephemeral",
    [type ?? "", "github_app_key"],
    [comment("Read in each run: the key is in neither plan nor state."), attribute(name ?? "", keyAt)],
  );
}

function pemOf({ key, keyAt }: Configuration): Literal {
  if (key === "file") return { kind: "call", name: "file", args: [{ kind: "string", value: keyAt }] };
  return key === "secretsmanager"
    ? ref("ephemeral.aws_secretsmanager_secret_version.github_app_key.secret_string")
    : ref("ephemeral.aws_ssm_parameter.github_app_key.value");
}

function githubProvider(configuration: Configuration, ephemeral: boolean): Item {
  const { place, wish, key, appId, installationId } = configuration;
  const given = ephemeral || key === "file";
  return block(
    "provider",
    ["github"],
    [
      attribute("owner", wish.owner),
      ...(place.isGitHubCom ? [] : [attribute("base_url", `${place.htmlUrl}/`)]),
      ...(wish.webhook === "app"
        ? []
        : [
            block(
              "app_auth",
              [],
              given
                ? [
                    attribute("id", appId),
                    attribute("installation_id", installationId),
                    attribute("pem_file", pemOf(configuration)),
                  ]
                : [],
            ),
          ]),
    ],
  );
}

const SOURCE_NAMES = {
  ssm: "ssm_parameter_arn",
  secretsmanager: "secretsmanager_secret_arn",
  kms: "kms_signing_key_arn",
} as const;

function moduleCall(configuration: Configuration): Item {
  const { wish, key, keyAt, kmsKeyArn, appId, installationId, place, memoryMib, prefix } = configuration;
  const app = { app_id: appId, installation_id: installationId };
  return block(
    "module",
    [configuration.moduleName],
    [
      attribute("source", MODULE_SOURCE),
      attribute("version", constraintFor(configuration.version)),
      blank,
      ...(prefix === DEFAULT_PREFIX ? [] : [attribute("name_prefix", prefix)]),
      attribute("github_app", { ...app, private_key: key === "file" ? pemOf(configuration) : null }),
      ...(key === "file"
        ? []
        : [
            attribute("github_app_key_source", {
              [SOURCE_NAMES[key]]: keyAt,
              ...(kmsKeyArn === undefined ? {} : { kms_decryption_key_arn: kmsKeyArn }),
            }),
          ]),
      blank,
      ...(place.isGitHubCom ? [] : [attribute("github_api_url", place.apiUrl)]),
      ...scope(wish),
      ...(wish.webhook === "app" ? [attribute("manage_webhooks", false)] : []),
      ...(wish.runnerGroupId === undefined ? [] : [attribute("runner_group_id", wish.runnerGroupId)]),
      ...(memoryMib === undefined
        ? []
        : [
            comment("The account's quota has room for little more: ask for L-CD1C0CC4 before you raise it."),
            attribute("runner_memory_mib", memoryMib),
          ]),
    ],
  );
}

function scope({ owner, repositories }: Wish): Item[] {
  if (repositories.length === 0) return [attribute("github_organization", owner)];
  return [
    attribute(
      "github_repositories",
      repositories.map((name) => `${owner}/${name}`),
    ),
  ];
}

function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split(/[.-]/).map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The start's one line: a call of this module, which says nothing but its source, and perhaps a version. */
const START = new RegExp(
  `^\\s*module\\s+"([A-Za-z_][A-Za-z0-9_-]*)"\\s*\\{\\s*source\\s*=\\s*"${MODULE_SOURCE}"\\s*(?:version\\s*=\\s*"[^"]*"\\s*)?\\}\\s*$`,
);

/** The name of the call in the start's one line; undefined for any other text. */
export function startOf(text: string): string | undefined {
  return START.exec(text)?.[1];
}

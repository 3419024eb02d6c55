import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { Token } from "cdktf";
import { Construct } from "constructs";
import type { ManagedHooks } from "../../contract/secrets.ts";
import { call, raw } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { APP_KEY_POLICIES } from "./app-key.ts";
import type { RedeliverVariables } from "./environment.ts";
import { addFunction } from "./function.ts";
import type { Iam } from "./iam.ts";
import { DECRYPT } from "./key.ts";
import { explain } from "./module-stack.ts";
import { code, hcl, input, local } from "./reference.ts";
import { addSchedule } from "./schedule.ts";
import type { Secret } from "./secret.ts";
import type { Table } from "./table.ts";
import type { Webhooks } from "./webhooks.ts";

const EVERY_MINUTES = 5;
/** A run makes at most 60 calls to GitHub, one after the other. */
const TIMEOUT_SECONDS = 120;
const MEMORY_MIB = 256;
/** A parameter of the standard tier holds 4 KB, one of the advanced tier 8 KB. */
const STANDARD_CHARACTERS = 4_096;
/** What stands beside a repository's name: a hook's id of ten digits, quotes, colon and comma. */
const CHARACTERS_PER_HOOK = 14;

export interface RedeliverProps {
  readonly iam: Iam;
  readonly secret: Secret;
  readonly table: Table;
  readonly webhooks: Webhooks;
}

/** The function that has GitHub send failed deliveries again, and its schedule. */
export class Redeliver extends Construct {
  constructor(scope: Construct, id: string, { iam, secret, table, webhooks }: RedeliverProps) {
    super(scope, id);
    const hooks = this.addHooks(webhooks);
    const environment: RedeliverVariables = {
      GH_OWNER: local("github_owner"),
      GH_API_URL: input("github_api_url"),
      TABLE_NAME: table.jobs.name,
      SECRET_PARAM: secret.dispatcher.name,
      HOOKS_PARAM: hooks.name,
    };
    const { lambda, policy } = addFunction(this, "redeliver", {
      iam,
      handler: "dispatcher.redeliver",
      description: "Has GitHub send again the deliveries that failed",
      memoryMib: MEMORY_MIB,
      timeoutSeconds: TIMEOUT_SECONDS,
      environment,
      policies: APP_KEY_POLICIES,
      statements: [
        { sid: "ReadParameters", actions: ["ssm:GetParameter"], resources: [secret.dispatcher.arn, hooks.arn] },
        { sid: "KeepProgress", actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [table.jobs.arn] },
      ],
      keyUses: { dynamodb: DECRYPT, ssm: DECRYPT },
      reasons: [
        "ReadParameters: the App's key, where it is an input, stands in the dispatcher's parameter only, in no second place.",
      ],
    });
    addSchedule(this, "redeliver", {
      iam,
      invokes: { lambda, policy },
      roleName: "schedule",
      description: "Looks for deliveries that failed",
      expression: `rate(${EVERY_MINUTES} minutes)`,
      maxAgeSeconds: 60 * EVERY_MINUTES,
    });
  }

  private addHooks(webhooks: Webhooks): SsmParameter {
    const value: { [Name in keyof ManagedHooks]-?: Expression } = {
      organization: raw(`tonumber(one(${webhooks.organizationAddress}[*].id))`),
      repositories: raw(
        `{ for name, hook in ${webhooks.repositoriesAddress} : element(split("/", name), 1) => tonumber(hook.id) }`,
      ),
    };
    const names = "local.github_repository_names";
    return explain(
      new SsmParameter(this, "parameter.redeliver", {
        name: `/${input("name_prefix")}/redeliver`,
        description: "Webhooks whose failed deliveries are sent again",
        type: "String",
        tier: code(
          `length(join("", ${names})) + ${CHARACTERS_PER_HOOK} * length(${names}) + 64 > ${STANDARD_CHARACTERS} ? "Advanced" : "Standard"`,
        ),
        value: hcl(call("jsonencode", value)),
        tags: Token.asStringMap(local("tags")),
      }),
      [
        "A parameter, because hundreds of repositories' hooks would not fit the function's environment of 4 KB. Nothing in it",
        "means the App's own webhook.",
      ].join("\n"),
    );
  }
}

import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { Construct } from "constructs";
import type { ManagedHooks } from "../../contract/secrets.ts";
import { above, because, call, conditional, forExpression, plus, ref, times } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { except } from "../synth/except.ts";
import { explain } from "../synth/explain.ts";
import { asList, asNumber, asString, asStringMap } from "../synth/hcl-token.ts";
import type { AppKey } from "./app-key.ts";
import type { Classes } from "./classes.ts";
import { type RedeliverVariables, runnerGroupVariable } from "./environment.ts";
import { addFunction } from "./function.ts";
import type { GithubWebhooks } from "./github-webhooks.ts";
import type { Iam } from "./iam.ts";
import { DECRYPT } from "./key.ts";
import { input, local } from "./reference.ts";
import { PLAIN_PARAMETER_EXCEPTION } from "./scan-exceptions.ts";
import { addSchedule } from "./schedule.ts";
import type { Secret } from "./secret.ts";
import type { Table } from "./table.ts";

const EVERY_MINUTES = 5;
const TIMEOUT_SECONDS = because(times(2, 60), "A run makes at most 60 calls to GitHub, one after the other.");
const MEMORY_MIB = 256;
const STANDARD_CHARACTERS = 4_096;
const CHARACTERS_PER_HOOK = 14;

export interface RedeliverProps {
  readonly appKey: AppKey;
  readonly classes: Classes;
  readonly iam: Iam;
  readonly secret: Secret;
  readonly table: Table;
  readonly webhooks: GithubWebhooks;
}

/** The function that has GitHub send failed deliveries again, and its schedule. */
export class Redeliver extends Construct {
  readonly lambda: LambdaFunction;
  readonly logs: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, { appKey, classes, iam, secret, table, webhooks }: RedeliverProps) {
    super(scope, id);
    const hooks = this.addHooks(webhooks);
    const environment: RedeliverVariables = {
      GH_OWNER: local("github_owner"),
      GH_REPOSITORIES: asString(call("join", ",", local("github_repository_names"))),
      GH_API_URL: input("github_api_url"),
      RUNNER_GROUP_ID: runnerGroupVariable(),
      TABLE_NAME: table.jobs.name,
      SECRET_PARAM: secret.dispatcher.name,
      HOOKS_PARAM: hooks.name,
      CLASSES_PARAM: local("classes_param"),
    };
    const { lambda, logs, policy } = addFunction(this, "redeliver", {
      iam,
      handler: "scheduled.redeliver",
      description: "Has GitHub send again the deliveries that failed",
      memoryMib: MEMORY_MIB,
      timeoutSeconds: asNumber(TIMEOUT_SECONDS),
      environment,
      policies: appKey.policies,
      statements: [
        {
          sid: "ReadParameters",
          actions: ["ssm:GetParameter"],
          resources: asList(call("concat", [secret.dispatcher.arn, hooks.arn], classes.parameterArns)),
        },
        { sid: "KeepProgress", actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [table.jobs.arn] },
      ],
      keyUses: { dynamodb: DECRYPT, ssm: DECRYPT },
      reasons: [
        "ReadParameters: the App's key, where it is an input, stands in the dispatcher's parameter only, in no second place.",
      ],
    });
    this.lambda = lambda;
    this.logs = logs;
    addSchedule(this, "redeliver", {
      iam,
      invokes: { lambda, policy },
      roleName: "schedule",
      description: "Looks for deliveries that failed",
      expression: `rate(${EVERY_MINUTES} minutes)`,
      maxAgeSeconds: asNumber(times(EVERY_MINUTES, 60)),
    });
  }

  private addHooks(webhooks: GithubWebhooks): SsmParameter {
    const value: { [Name in keyof ManagedHooks]-?: Expression } = {
      organization: call("tonumber", call("one", ref(`${webhooks.organizationAddress}[*].id`))),
      repositories: forExpression(["name", "hook"], ref(webhooks.repositoriesAddress), {
        key: call("element", call("split", "/", ref("name")), 1),
        value: call("tonumber", ref("hook.id")),
      }),
    };
    const names = local("github_repository_names");
    const characters = plus(
      call("length", call("join", "", names)),
      times(CHARACTERS_PER_HOOK, call("length", names)),
      64,
    );
    const parameter = explain(
      new SsmParameter(this, "parameter.redeliver", {
        name: `/${input("name_prefix")}/redeliver`,
        description: "Webhooks whose failed deliveries are sent again",
        type: "String",
        tier: asString(
          because(
            conditional(above(characters, STANDARD_CHARACTERS), "Advanced", "Standard"),
            [
              `The standard tier holds ${STANDARD_CHARACTERS} characters. Beside a name stand the hook's id of ten digits, quotes, colon and comma:`,
              `${CHARACTERS_PER_HOOK} characters.`,
            ].join("\n"),
          ),
        ),
        value: asString(call("jsonencode", value)),
        tags: asStringMap(local("tags")),
      }),
      [
        "A parameter, because hundreds of repositories' hooks would not fit the function's environment of 4 KB. Nothing in it",
        "means the App's own webhook.",
      ].join("\n"),
    );
    return except(parameter, PLAIN_PARAMETER_EXCEPTION);
  }
}

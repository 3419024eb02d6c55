import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import type { DataAwsIamPolicyDocumentStatement } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping/index.js";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { LambdaFunctionRecursionConfig } from "@cdktf/provider-aws/lib/lambda-function-recursion-config/index.js";
import { Construct } from "constructs";
import { because, call } from "../hcl/build.ts";
import { asList, asNumber, asString, asStringMap } from "../synth/hcl-token.ts";
import type { AppKey } from "./app-key.ts";
import type { Classes } from "./classes.ts";
import {
  type DispatcherVariables,
  imageVersionVariable,
  runnerGroupVariable,
  scopeVariables,
  textOf,
} from "./environment.ts";
import { addFunction } from "./function.ts";
import type { Iam } from "./iam.ts";
import type { Image } from "./image.ts";
import { DECRYPT, ENCRYPT } from "./key.ts";
import type { Queue } from "./queue.ts";
import { input, local } from "./reference.ts";
import type { Secret } from "./secret.ts";
import type { Table } from "./table.ts";
import type { Webhook } from "./webhook.ts";

const BATCH_SIZE = 5;

export interface DispatcherProps {
  readonly appKey: AppKey;
  readonly classes: Classes;
  readonly iam: Iam;
  readonly image: Image;
  readonly queue: Queue;
  readonly secret: Secret;
  readonly table: Table;
  readonly webhook: Webhook;
}

/** The function that launches and ends MicroVMs. */
export class Dispatcher extends Construct {
  readonly lambda: LambdaFunction;
  readonly logs: CloudwatchLogGroup;

  constructor(
    scope: Construct,
    id: string,
    { appKey, classes, iam, image, queue, secret, table, webhook }: DispatcherProps,
  ) {
    super(scope, id);
    const environment: DispatcherVariables = {
      ...scopeVariables(),
      QUEUE_URL: queue.jobs.url,
      TABLE_NAME: table.jobs.name,
      SECRET_PARAM: secret.dispatcher.name,
      GH_API_URL: input("github_api_url"),
      RUNNER_GROUP_ID: runnerGroupVariable(),
      IMAGE_ARN: local("image_arn"),
      IMAGE_VERSION: imageVersionVariable(),
      EXEC_ROLE_ARN: image.exec.role.arn,
      INGRESS_CONNECTOR_ARN: `${local("connector_arn_prefix")}:NO_INGRESS`,
      EGRESS_CONNECTOR_ARN: local("egress_connector_arn"),
      LOG_GROUP: image.logs.name,
      ALLOW_FORK_PULL_REQUESTS: textOf("allow_fork_pull_requests"),
      MEMORY_MIB: textOf("runner_memory_mib"),
      PAUSED: textOf("paused"),
      MAX_DURATION_SECONDS: textOf("max_duration_seconds"),
      MAX_CONCURRENCY: textOf("max_concurrency"),
      MAX_CONCURRENCY_PER_REPOSITORY: textOf("max_concurrency_per_repository"),
      FINISH_BASE_URL: asString(call("trimsuffix", webhook.url.functionUrl, "/")),
    };
    const { lambda, logs, policy } = addFunction(this, "dispatcher", {
      iam,
      handler: "dispatcher.handler",
      description: "Launches a MicroVM for each queued job and ends it when the job is over",
      memoryMib: asNumber(input("dispatcher_memory_size")),
      timeoutSeconds: asNumber(input("dispatcher_timeout")),
      environment,
      policies: appKey.policies,
      statements: this.statements({ classes, image, queue, secret, table }, environment),
      keyUses: { dynamodb: DECRYPT, sqs: ENCRYPT, ssm: DECRYPT },
      reasons: [
        "RunMicrovms: a MicroVM has no ARN of its own, so whatever is done with one is authorised on its image: on all of this",
        "deployment, because MicroVMs of the one before may run on when another takes its place.",
        "PassConnectors: launching passes connectors that AWS manages, for which the right is needed too. Those with ingress",
        "are left out: nobody can launch a MicroVM that listens to the internet.",
        "PassExecRole: no condition on iam:PassedToService, which the service does not send: it would refuse every launch.",
      ],
    });
    this.lambda = lambda;
    this.logs = logs;
    new LambdaFunctionRecursionConfig(this, "recursion.dispatcher", {
      functionName: lambda.functionName,
      recursiveLoop: asString(
        because(
          "Allow",
          "It sends its own follow-up messages: a watched job takes more rounds than the 16 that Lambda allows.",
        ),
      ),
      lifecycle: { replaceTriggeredBy: [lambda.id] },
    });
    new LambdaEventSourceMapping(this, "mapping.jobs", {
      eventSourceArn: queue.jobs.arn,
      functionName: lambda.functionName,
      batchSize: asNumber(because(BATCH_SIZE, "Messages of one batch are handled side by side and fail one by one.")),
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: {
        maximumConcurrency: asNumber(
          because(
            input("dispatcher_concurrency"),
            "The service launches five MicroVMs a second: a few invocations keep up with it, and leave the account's to the webhook.",
          ),
        ),
      },
      tags: asStringMap(local("tags")),
      dependsOn: [policy],
    });
  }

  private statements(
    { classes, image, queue, secret, table }: Omit<DispatcherProps, "appKey" | "iam" | "webhook">,
    environment: DispatcherVariables,
  ): DataAwsIamPolicyDocumentStatement[] {
    const connectors = [environment.INGRESS_CONNECTOR_ARN, environment.EGRESS_CONNECTOR_ARN];
    return [
      {
        sid: "ReadSecret",
        actions: ["ssm:GetParameter"],
        resources: asList(call("concat", [secret.dispatcher.arn], classes.parameterArns)),
      },
      {
        sid: "KeepJobs",
        actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        resources: [table.jobs.arn],
      },
      {
        sid: "WorkOffJobs",
        actions: [
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:ReceiveMessage",
          "sqs:SendMessage",
        ],
        resources: [queue.jobs.arn],
      },
      {
        sid: "RunMicrovms",
        actions: ["lambda:GetMicrovm", "lambda:RunMicrovm", "lambda:TerminateMicrovm"],
        resources: [local("images_arn_pattern"), `${local("images_arn_pattern")}:*`],
      },
      {
        sid: "PassConnectors",
        actions: ["lambda:PassNetworkConnector"],
        resources: asList(call("distinct", call("concat", connectors, classes.connectorArns))),
      },
      { sid: "PassExecRole", actions: ["iam:PassRole"], resources: [image.exec.role.arn] },
    ];
  }
}

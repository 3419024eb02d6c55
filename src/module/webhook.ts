import { LambdaFunctionUrl } from "@cdktf/provider-aws/lib/lambda-function-url/index.js";
import { Construct } from "constructs";
import { because, call } from "../hcl/build.ts";
import { except } from "../synth/except.ts";
import { explain } from "../synth/explain.ts";
import { asList, asNumber } from "../synth/hcl-token.ts";
import type { Classes } from "./classes.ts";
import { scopeVariables, textOf, type WebhookVariables } from "./environment.ts";
import { addFunction, type FunctionParts } from "./function.ts";
import type { Iam } from "./iam.ts";
import { DECRYPT, ENCRYPT } from "./key.ts";
import type { Queue } from "./queue.ts";
import { FUNCTION_URL_EXCEPTION } from "./scan-exceptions.ts";
import type { Secret } from "./secret.ts";

const TIMEOUT_SECONDS = because(10, "GitHub waits ten seconds for an answer.");
/**
 * What a cold start lacks is CPU, which comes with the memory; GitHub's delivery, and with it the job, waits for it.
 */
const MEMORY_MIB = 512;

export interface WebhookProps {
  readonly classes: Classes;
  readonly iam: Iam;
  readonly queue: Queue;
  readonly secret: Secret;
}

/** The function that takes deliveries from GitHub and finish calls from MicroVMs, and its public URL. */
export class Webhook extends Construct {
  readonly url: LambdaFunctionUrl;
  readonly parts: FunctionParts;

  constructor(scope: Construct, id: string, { classes, iam, queue, secret }: WebhookProps) {
    super(scope, id);
    const environment: WebhookVariables = {
      ...scopeVariables(),
      QUEUE_URL: queue.jobs.url,
      WEBHOOK_SECRET_PARAM: secret.webhook.name,
      WEBHOOK_SECRET_GENERATION: textOf("webhook_secret_generation"),
    };
    this.parts = addFunction(this, "webhook", {
      iam,
      handler: "webhook.handler",
      description: "Verifies GitHub's deliveries and queues the jobs that are ours",
      memoryMib: MEMORY_MIB,
      timeoutSeconds: asNumber(TIMEOUT_SECONDS),
      environment,
      statements: [
        {
          sid: "ReadSecret",
          actions: ["ssm:GetParameter"],
          resources: asList(call("concat", [secret.webhook.arn], classes.parameterArns)),
        },
        { sid: "QueueJobs", actions: ["sqs:SendMessage"], resources: [queue.jobs.arn] },
      ],
      keyUses: { sqs: ENCRYPT, ssm: DECRYPT },
      reasons: [
        "UseKeyThroughSsm: without kms_key_arn, the policy of the key aws/ssm lets the account's principals decrypt through SSM.",
      ],
    });
    this.url = explain(
      new LambdaFunctionUrl(this, "url.webhook", {
        functionName: this.parts.lambda.functionName,
        authorizationType: "NONE",
        lifecycle: { replaceTriggeredBy: [this.parts.lambda.id] },
      }),
      [
        "Public on purpose: each request is authenticated by its HMAC. The aws provider adds both statements that a public",
        "URL needs (lambda:InvokeFunctionUrl, and lambda:InvokeFunction via the URL) itself when the type is NONE. A function that",
        "is made anew, under the same name, has lost its URL.",
      ].join("\n"),
    );
    except(this.url, FUNCTION_URL_EXCEPTION);
  }
}

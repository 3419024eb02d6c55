import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { regionalArn } from "../account.ts";
import type { EventSourceMapping, MappingConfig } from "../lambda/event-source-mapping.ts";
import type { LambdaDeps } from "./lambda-deps.ts";
import { number, object, text, texts } from "./values.ts";

/** Event source mappings of queues. */
export function mappingResource(deps: LambdaDeps): ResourceBehaviour {
  async function start(planned: Values): Promise<EventSourceMapping> {
    const config = readMapping(planned);
    await checkMapping(deps, config);
    return deps.startMapping(config);
  }
  return {
    async create(planned) {
      const mapping = await start(planned);
      deps.mappings.set(mapping.uuid, mapping);
      return {
        id: mapping.uuid,
        uuid: mapping.uuid,
        arn: regionalArn(deps.account, "lambda", `event-source-mapping:${mapping.uuid}`),
        function_arn: deps.functions.arn(mapping.config.functionName),
        state: mapping.config.enabled ? "Enabled" : "Disabled",
        state_transition_reason: "USER_INITIATED",
        last_modified: new Date().toISOString(),
        last_processing_result: "No records processed",
      };
    },
    read: (state) => (deps.mappings.has(text(state, "id")) ? {} : null),
    async update(planned, prior) {
      const id = text(prior, "id");
      await deps.mappings.get(id)?.stop();
      deps.mappings.set(id, await start(planned));
      return {};
    },
    async delete(state) {
      const id = text(state, "id");
      await deps.mappings.get(id)?.stop();
      deps.mappings.delete(id);
    },
  };
}

function readMapping(planned: Values): MappingConfig {
  const concurrency = number(object(planned, "scaling_config"), "maximum_concurrency", 0);
  return {
    functionName: text(planned, "function_name").split(":").at(-1) ?? "",
    queueArn: text(planned, "event_source_arn"),
    batchSize: number(planned, "batch_size", 10),
    maximumBatchingWindowSeconds: number(planned, "maximum_batching_window_in_seconds", 0),
    ...(concurrency > 0 ? { maximumConcurrency: concurrency } : {}),
    reportBatchItemFailures: texts(planned, "function_response_types").includes("ReportBatchItemFailures"),
    enabled: planned.enabled !== false,
  };
}

async function checkMapping(deps: LambdaDeps, config: MappingConfig): Promise<void> {
  const refuse = (problem: string) =>
    new ProviderError(
      `creating Lambda Event Source Mapping (${config.queueArn}): InvalidParameterValueException: ${problem}`,
    );
  const target = deps.functions.get(config.functionName);
  if (target === undefined) throw refuse(`Function not found: ${config.functionName}`);
  const queue = config.queueArn.split(":").at(-1) ?? "";
  if (!deps.queues.has(queue)) throw refuse("The provided queue does not exist.");
  const visibility = deps.queues.visibilityTimeoutSeconds(queue);
  if (visibility < target.timeoutSeconds) {
    throw refuse(
      `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${target.timeoutSeconds} seconds`,
    );
  }
  if (config.batchSize > 10 && config.maximumBatchingWindowSeconds < 1) {
    throw refuse("MaximumBatchingWindowInSeconds must be at least 1 when BatchSize is greater than 10");
  }
  const { maximumConcurrency: concurrency } = config;
  if (concurrency !== undefined && (concurrency < 2 || concurrency > 1_000)) {
    throw refuse("MaximumConcurrency must be between 2 and 1000");
  }
  const caller = { roleName: target.roleArn.split("/").at(-1) ?? "", sessionName: `awslambda_${config.functionName}` };
  for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]) {
    if (await deps.iam.isAllowed(caller, { action, resource: config.queueArn })) continue;
    throw refuse(`The function execution role does not have permissions to call ${action.slice(4)} on SQS`);
  }
}

import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { type LabClock, sleep } from "../clock.ts";
import type { Iam } from "../iam/iam.ts";
import type { Kms } from "../kms.ts";
import type { LogGroups } from "../logs.ts";
import type { SsmParameters } from "../ssm.ts";
import type { Queues } from "../storage/queues.ts";
import { nameOf, number, setKey, text } from "./values.ts";

export interface MessagingDeps {
  clock: LabClock;
  queues: Queues;
  parameters: SsmParameters;
  logs: LogGroups;
  iam: Iam;
  kms: Kms;
}

/** Queues, parameters and log groups. */
export function messagingResources(deps: MessagingDeps): Record<string, ResourceBehaviour> {
  const { kms, queues, parameters, logs } = deps;
  const arnOf = (planned: Values) => queues.arn(nameOf(planned));
  return {
    aws_sqs_queue: {
      async create(planned) {
        const name = nameOf(planned);
        if (queues.has(name)) throw new ProviderError(`creating SQS Queue (${name}): QueueAlreadyExists`);
        // The provider tries QueueDeletedRecently again for 70 seconds (terraform-provider-aws,
        // internal/service/sqs/queue.go).
        if (queues.heldMs(name) > 0) await sleep(deps.clock, queues.heldMs(name));
        queues.create(name, attributesOf(queues, planned));
        setKey(kms, arnOf(planned), planned, "kms_master_key_id");
        return { id: queues.url(name), url: queues.url(name), arn: queues.arn(name), name };
      },
      read: (state) => (queues.has(text(state, "name")) ? {} : null),
      update(planned) {
        queues.setAttributes(text(planned, "name"), attributesOf(queues, planned));
        setKey(kms, arnOf(planned), planned, "kms_master_key_id");
        return {};
      },
      delete(state) {
        queues.delete(text(state, "name"));
        kms.keyOf.delete(queues.arn(text(state, "name")));
      },
    },
    aws_sqs_queue_policy: {
      create(planned) {
        deps.iam.resourcePolicies.set(
          queues.arn(text(planned, "queue_url").split("/").at(-1) ?? ""),
          JSON.parse(text(planned, "policy")),
        );
        return { id: text(planned, "queue_url") };
      },
      delete: (state) =>
        void deps.iam.resourcePolicies.delete(queues.arn(text(state, "queue_url").split("/").at(-1) ?? "")),
    },
    aws_ssm_parameter: {
      create(planned) {
        const name = text(planned, "name");
        if (parameters.get(name) !== undefined && planned.overwrite !== true) {
          throw new ProviderError(
            `creating SSM Parameter (${name}): ParameterAlreadyExists: The parameter already exists.`,
          );
        }
        return { id: name, arn: parameters.arn(name), ...put(deps, planned) };
      },
      read(state) {
        const parameter = parameters.get(text(state, "name"));
        return parameter === undefined ? null : { version: parameter.version };
      },
      update: (planned) => put(deps, planned),
      delete(state) {
        parameters.delete(text(state, "name"));
        kms.keyOf.delete(parameters.arn(text(state, "name")));
      },
      volatile: ["version"],
    },
    aws_cloudwatch_log_group: {
      async create(planned) {
        const name = nameOf(planned);
        if (logs.has(name)) {
          throw new ProviderError(
            `creating CloudWatch Logs Log Group (${name}): ResourceAlreadyExistsException: The specified log group already exists`,
          );
        }
        await associateKey(deps, name, planned);
        logs.create(name);
        return { id: name, name, arn: logs.arn(name) };
      },
      read: (state) => (logs.has(text(state, "id")) ? {} : null),
      async update(planned) {
        await associateKey(deps, text(planned, "name"), planned);
        return {};
      },
      delete(state) {
        if (state.skip_destroy === true) return;
        logs.delete(text(state, "id"));
        kms.keyOf.delete(logs.arn(text(state, "id")));
      },
    },
  };
}

/** The service itself must be let in by the key's policy, which it tries at once. */
async function associateKey({ kms, logs }: MessagingDeps, name: string, planned: Values): Promise<void> {
  const key = text(planned, "kms_key_id");
  if (key !== "" && !(await logs.mayUse(name, key))) {
    throw new ProviderError(
      `CloudWatch Logs Log Group (${name}): AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn '${logs.arn(name)}'`,
    );
  }
  setKey(kms, logs.arn(name), planned, "kms_key_id");
}

function put({ kms, parameters, clock }: MessagingDeps, planned: Values): Values {
  const type = text(planned, "type");
  if (type !== "String" && type !== "StringList" && type !== "SecureString") {
    throw new ProviderError(`SSM Parameter: type ${type} must be String, StringList or SecureString`);
  }
  const value = text(planned, "value") || text(planned, "value_wo") || text(planned, "insecure_value");
  const limit = text(planned, "tier") === "Advanced" ? 8_192 : 4_096;
  if (Buffer.byteLength(value) > limit && text(planned, "tier") !== "Intelligent-Tiering") {
    throw new ProviderError(
      `ValidationException: Standard tier parameters support a maximum parameter value of ${limit} characters.`,
    );
  }
  setKey(kms, parameters.arn(text(planned, "name")), planned, "key_id");
  const { version } = parameters.put({
    name: text(planned, "name"),
    type,
    value,
    modifiedAt: clock.now(),
  });
  return { version };
}

function attributesOf(queues: Queues, planned: Values): Record<string, string> {
  const redrive = text(planned, "redrive_policy");
  if (redrive !== "") {
    const target: unknown = JSON.parse(redrive).deadLetterTargetArn;
    const name = typeof target === "string" ? (target.split(":").at(-1) ?? "") : "";
    if (!queues.has(name)) {
      throw new ProviderError(
        `InvalidParameterValue: Value ${redrive} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
      );
    }
  }
  return {
    VisibilityTimeout: String(number(planned, "visibility_timeout_seconds", 30)),
    MessageRetentionPeriod: String(number(planned, "message_retention_seconds", 345_600)),
    DelaySeconds: String(number(planned, "delay_seconds", 0)),
    ReceiveMessageWaitTimeSeconds: String(number(planned, "receive_wait_time_seconds", 0)),
    ...(redrive === "" ? {} : { RedrivePolicy: redrive }),
  };
}

import type { ProviderBehaviour } from "../terraform/behaviour.ts";
import { type Account, LAB_ACCOUNT } from "./account.ts";
import { type LabClock, realClock } from "./clock.ts";
import { createAlarms, type LabAlarms } from "./cloudwatch-alarms.ts";
import { createEventLog, type EventLog } from "./event-log.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { type AccountGlobals, createGlobals } from "./globals.ts";
import type { Iam } from "./iam/iam.ts";
import { createIamService } from "./iam/iam-service.ts";
import { createKms, type Kms } from "./kms.ts";
import { createKmsKeys, type KmsKeys } from "./kms-keys.ts";
import { type EventSourceMapping, startEventSourceMapping } from "./lambda/event-source-mapping.ts";
import { createFunctionService } from "./lambda/function-service.ts";
import { createFunctionUrls, type FunctionUrls } from "./lambda/function-urls.ts";
import { createFunctions, type Functions } from "./lambda/functions.ts";
import { type Leftovers, leftoversOf } from "./leftovers.ts";
import { createLogGroups, type LogGroups } from "./logs.ts";
import { createLogsInsights } from "./logs-insights.ts";
import type { GuestFactory } from "./microvms/guest.ts";
import { createMicrovmService, type MicrovmOptions, type MicrovmService } from "./microvms/service.ts";
import { createStacks, type Stacks } from "./resources/cloudformation-stack.ts";
import { createProviders } from "./resources.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createSecretsManager, type SecretsManager } from "./secrets-manager.ts";
import { createServiceQuotas, type ServiceQuotas } from "./service-quotas.ts";
import { createTopics, type Topics } from "./sns.ts";
import { createSsmParameters, type SsmParameters } from "./ssm.ts";
import { createDynamodbService } from "./storage/dynamodb-service.ts";
import { startEmulators } from "./storage/emulators.ts";
import { createObjects, type Objects } from "./storage/objects.ts";
import { createQueues, type Queues } from "./storage/queues.ts";
import { createS3Service } from "./storage/s3-service.ts";
import { createSqsService, type QueueSpeeds } from "./storage/sqs-service.ts";
import { createTokenService } from "./sts.ts";

export interface AwsOptions extends QueueSpeeds {
  /** What runs inside MicroVMs. */
  guests: GuestFactory;
  account?: Account;
  clock?: LabClock;
  /** Those of another Region of the same account; default: an account of its own. */
  globals?: AccountGlobals;
  /** How long the name of a deleted queue is refused; 60 seconds as in AWS. */
  queueNameHoldMs?: number;
  /** How long a policy that was written does not count yet; 0. */
  policySettleMs?: number;
  /** Schedules are kept and never fire. */
  unscheduled?: boolean;
  microvms?: MicrovmOptions;
  /** Folder that Terraform runs in: the `filename` and `source` of a resource are relative to it. */
  workingDirectory?: string;
  /** Concurrent executions of all functions together; 1,000 as an account has them. */
  accountConcurrency?: number;
}

/** A simulated AWS account. */
export interface LabAws {
  readonly account: Account;
  /** AWS_ENDPOINT_URL of every service. */
  readonly endpoint: string;
  /** What Terraform's providers do here. */
  readonly providers: { aws: ProviderBehaviour; awscc: ProviderBehaviour };
  readonly gateway: Gateway;
  readonly globals: AccountGlobals;
  readonly iam: Iam;
  readonly kms: Kms;
  readonly microvms: MicrovmService;
  readonly functions: Functions;
  readonly urls: FunctionUrls;
  readonly mappings: ReadonlyMap<string, EventSourceMapping>;
  readonly queues: Queues;
  readonly objects: Objects;
  readonly scheduler: Scheduler;
  /** CloudFormation, as far as somebody uses it by hand. */
  readonly stacks: Pick<Stacks, "continueRollback">;
  readonly parameters: SsmParameters;
  readonly secrets: SecretsManager;
  readonly keys: KmsKeys;
  readonly quotas: ServiceQuotas;
  readonly alarms: LabAlarms;
  readonly topics: Topics;
  readonly logs: LogGroups;
  readonly events: EventLog;
  workingDirectory: string;
  leftovers(): Leftovers;
  stop(): Promise<void>;
}

/** Starts an empty account on this machine; Terraform fills it, and functions and MicroVMs run in it. */
export async function startAws(options: AwsOptions): Promise<LabAws> {
  const account = options.account ?? LAB_ACCOUNT;
  const clock = options.clock ?? realClock;
  const events = createEventLog(clock);
  const globals = options.globals ?? createGlobals(account, clock, options.policySettleMs);
  const { iam, buckets } = globals;
  const kms = createKms(account, iam);
  const logs = createLogGroups(account, clock, iam, kms);
  const accountConcurrency = options.accountConcurrency ?? 1_000;
  const quotas = createServiceQuotas(account, accountConcurrency);
  const alarms = createAlarms(account);
  const topics = createTopics();
  const emulators = await startEmulators(account.region);
  const objects = createObjects(emulators);
  const queues = createQueues(account, emulators, clock, options.queueNameHoldMs);
  const parameters = createSsmParameters(account, kms);
  const secrets = createSecretsManager(account, () => clock.now());
  const keys = createKmsKeys(account, iam, clock);
  const readObject = async (bucket: string, key: string) => objects.read(bucket, key);
  const microvms = createMicrovmService(
    { ...{ account, clock, events, iam, kms, logs }, guests: options.guests, readObject },
    options.microvms,
  );
  const gateway = await startGateway({
    iam,
    clock,
    events,
    region: account.region,
    services: {
      sqs: createSqsService(account, { address: emulators.fauxqsAddress, events, kms, queues }, options),
      s3: createS3Service(account, { address: emulators.fauxqsAddress, iam, kms, objects }),
      dynamodb: createDynamodbService(account, emulators.dynamodbAddress, kms),
      ssm: parameters.service,
      secretsmanager: secrets.service,
      kms: keys.service,
      servicequotas: quotas.service,
      sts: createTokenService(account, iam, () => clock.now()),
      monitoring: alarms.service,
      logs: createLogsInsights(logs),
      sns: topics.service,
      iam: createIamService(account, iam),
      lambda: createFunctionService(() => functions, iam, microvms.service),
    },
  });
  const endpoint = () => gateway.endpoint;
  const functions: Functions = createFunctions({ account, clock, events, iam, logs, endpoint, accountConcurrency });
  const urls = createFunctionUrls({ account, clock, events, iam, functions });
  const scheduler = createScheduler({
    ...{ account, events, iam, functions },
    clock: options.unscheduled ? { ...clock, setTimeout: () => undefined } : clock,
  });
  const mappings = new Map<string, EventSourceMapping>();
  const lab = { workingDirectory: options.workingDirectory ?? process.cwd() };
  const stacks = createStacks({ account, images: microvms.images });
  const providers = createProviders({
    alarms: alarms.all,
    ...{ account, clock, iam, kms, buckets, logs, queues, parameters, secrets, emulators, objects },
    ...{ functions, urls, scheduler, mappings, stacks, images: microvms.images, connectors: microvms.connectors },
    workingDirectory: () => lab.workingDirectory,
    startMapping: (config) => startEventSourceMapping({ account, events, iam, functions, endpoint }, config),
  });
  return Object.assign(lab, {
    ...{ account, endpoint: gateway.endpoint, providers, gateway, globals, iam, kms, microvms, functions, urls },
    ...{
      mappings,
      queues,
      objects,
      scheduler,
      stacks,
      parameters,
      secrets,
      keys,
      quotas,
      alarms,
      topics,
      logs,
      events,
    },
    leftovers: () => leftoversOf(microvms, queues),
    async stop() {
      scheduler.stop();
      await Promise.all([...mappings.values()].map((mapping) => mapping.stop()));
      await urls.stop();
      await functions.stop();
      await microvms.terminateAll();
      await gateway.stop();
      await emulators.stop();
    },
  });
}

import type { ProviderBehaviour } from "../terraform/behaviour.ts";
import type { LabAlarm } from "./cloudwatch-alarms.ts";
import type { Images } from "./microvms/images.ts";
import type { NetworkConnectors } from "./microvms/network-connectors.ts";
import { alarmResources } from "./resources/alarms.ts";
import type { Stacks } from "./resources/cloudformation-stack.ts";
import { type EphemeralDeps, ephemeralResources } from "./resources/ephemeral.ts";
import { iamResources } from "./resources/iam.ts";
import { kmsResources } from "./resources/kms.ts";
import { lambdaResources } from "./resources/lambda.ts";
import type { LambdaDeps } from "./resources/lambda-deps.ts";
import { type MessagingDeps, messagingResources } from "./resources/messaging.ts";
import { microvmImageDataSources, microvmImageResources } from "./resources/microvm-image.ts";
import { networkConnectorResources, networkResources } from "./resources/network.ts";
import { notificationResources } from "./resources/notifications.ts";
import { type SchedulerResourceDeps, schedulerResources } from "./resources/scheduler.ts";
import { storageResources } from "./resources/storage.ts";
import type { StorageDeps } from "./resources/storage-deps.ts";

/** What Terraform's aws and awscc providers do in the simulated account. */
export function createProviders(
  deps: LambdaDeps &
    MessagingDeps &
    SchedulerResourceDeps &
    EphemeralDeps &
    StorageDeps & { alarms: Map<string, LabAlarm>; images: Images; connectors: NetworkConnectors; stacks: Stacks },
): {
  aws: ProviderBehaviour;
  awscc: ProviderBehaviour;
} {
  const securityGroups = new Set<string>();
  return {
    aws: {
      resources: {
        ...iamResources(deps.iam),
        ...storageResources(deps),
        ...messagingResources(deps),
        ...lambdaResources(deps),
        ...schedulerResources(deps),
        ...kmsResources(deps.iam),
        ...notificationResources(deps.account),
        ...alarmResources(deps.account, deps.alarms),
        ...deps.stacks.resources,
        ...networkResources(deps.account, securityGroups),
      },
      ephemeral: ephemeralResources(deps),
    },
    awscc: {
      resources: {
        ...microvmImageResources(deps.images),
        ...networkConnectorResources(deps.connectors, securityGroups),
      },
      dataSources: microvmImageDataSources(deps.account, deps.images),
    },
  };
}

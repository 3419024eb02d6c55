/** What still stands against the rules; whoever mends one of these takes it out, and nothing is added. */
export const CIRCLES: readonly (readonly string[])[] = [
  ["dispatcher/flows/begin-build.ts", "dispatcher/flows/look-into-image.ts", "dispatcher/flows/refresh.ts"],
  ["lab/aws/resources/event-source-mapping.ts", "lab/aws/resources/lambda.ts"],
  ["lab/aws/storage/queues.ts", "lab/aws/storage/sqs-service.ts"],
  ["lab/github/deliveries.ts", "lab/github/world.ts"],
];

export const ARROWS: readonly string[] = [
  "cli/app-key.ts -> dispatcher/config.ts",
  "cli/aws/aws-reader.ts -> dispatcher/config.ts",
  "cli/aws/find-deployment.ts -> dispatcher/config.ts",
  "cli/aws/find-deployment.ts -> src/module/names.ts",
  "cli/doctor.ts -> dispatcher/config.ts",
  "cli/doctor.ts -> src/module/names.ts",
  "cli/run-cli.ts -> dispatcher/config.ts",
  "microvm/build-context.ts -> src/bundle/bundle-script.ts",
  "src/docs/print-costs.ts -> microvm/supervisor/core/job-notes.ts",
  "src/docs/print-costs.ts -> microvm/supervisor/core/memory-tier.ts",
  "src/generate-module.ts -> microvm/build-context.ts",
  "src/module/context.ts -> microvm/insertion-point.ts",
  "src/release/bundled-packages.ts -> microvm/build-context.ts",
];

/** Files with a function of more than a hundred lines. */
export const LONG_FUNCTIONS: readonly string[] = [
  "dispatcher/github/app-client.ts",
  "dispatcher/github/repository-runners.ts",
  "lab/aws/aws.ts",
  "lab/aws/gateway.ts",
  "lab/aws/iam/iam.ts",
  "lab/aws/lambda/event-source-mapping.ts",
  "lab/aws/lambda/functions.ts",
  "lab/aws/microvms/image-operations.ts",
  "lab/aws/resources/storage.ts",
  "lab/aws/microvms/images.ts",
  "lab/aws/microvms/machines.ts",
  "lab/github/broker.ts",
  "lab/github/deliveries.ts",
  "lab/github/jobs.ts",
  "lab/github/start-github.ts",
  "lab/github/views.ts",
  "lab/world/redelivery.ts",
  "lab/world/services/memory-built-image.ts",
  "lab/world/services/memory-github.ts",
  "lab/world/services/memory-microvms.ts",
];

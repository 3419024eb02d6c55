/** What still stands against the rules; whoever mends one of these takes it out, and nothing is added. */
export const CIRCLES: readonly (readonly string[])[] = [];

export const ARROWS: readonly string[] = [
  "cli/app-key.ts -> dispatcher/config.ts",
  "cli/aws/aws-reader.ts -> dispatcher/config.ts",
  "cli/aws/find-deployment.ts -> dispatcher/config.ts",
  "cli/doctor.ts -> dispatcher/config.ts",
  "cli/run-cli.ts -> dispatcher/config.ts",
];

/** Files with a function of more than a hundred lines. */
export const LONG_FUNCTIONS: readonly string[] = [
  "dispatcher/github/app-client.ts",
  "dispatcher/github/repository-runners.ts",
  "lab/world/redelivery.ts",
  "lab/world/services/memory-github.ts",
  "lab/world/services/memory-microvms.ts",
];

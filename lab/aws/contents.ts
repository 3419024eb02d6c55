import type { LabAws } from "./aws.ts";

/** What is in a Region and in what all Regions share, each with its kind; empty after a destroy that leaves nothing. */
export function contentsOf(aws: LabAws): string[] {
  const named = (kind: string, names: Iterable<string>) => [...names].map((name) => `${kind} ${name}`);
  return [
    ...named(
      "IAM role",
      aws.iam.roles.all().map(({ name }) => name),
    ),
    ...named("IAM policy", aws.iam.managedPolicies.keys()),
    ...named("policy of", aws.iam.resourcePolicies.keys()),
    ...named("bucket", aws.globals.buckets.keys()),
    ...[...aws.globals.buckets.keys()].flatMap((bucket) => named(`object of ${bucket},`, aws.objects.versions(bucket))),
    ...named("queue", aws.queues.names()),
    ...named("function", aws.functions.names()),
    ...named("event source mapping", aws.mappings.keys()),
    ...named("schedule", aws.scheduler.names()),
    ...named("parameter", aws.parameters.names()),
    ...named("log group", aws.logs.names()),
    ...named(
      "MicroVM image",
      aws.microvms.images.all().map(({ name }) => name),
    ),
    ...named(
      "network connector",
      aws.microvms.connectors.all().map(({ name }) => name),
    ),
  ];
}

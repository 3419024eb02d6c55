import { lifecycleOf, ORGANIZATION_WEBHOOK } from "./lifecycle.ts";

lifecycleOf([
  { what: "an organization webhook", inputs: {}, webhooks: ORGANIZATION_WEBHOOK },
  {
    what: "every input away from its default",
    inputs: {
      artifacts_bucket_name: "my-artifacts",
      base_image_version: "1",
      dispatcher_memory_size: 512,
      dispatcher_timeout: 60,
      log_retention_days: 30,
      max_duration_seconds: 28_800,
      name_prefix: `p${"x".repeat(39)}`,
      required_labels: ["microvm"],
      runner_labels: ["microvm", "arm64"],
      runner_memory_mib: 2_048,
      table_point_in_time_recovery: true,
      tags: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`tag-${index}`, `value of ${index}`])),
    },
    webhooks: ORGANIZATION_WEBHOOK,
    dispatcher: { MAX_DURATION_SECONDS: 28_800, REQUIRED_LABELS: ["microvm"], RUNNER_LABELS: ["microvm", "arm64"] },
  },
]);

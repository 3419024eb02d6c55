import { attribute, block, call, raw, template } from "../hcl/build.ts";
import type { Body, Expression } from "../hcl/model.ts";

/** Values that more than one file of the module uses. */
export const LOCALS = {
  account_id: raw("data.aws_caller_identity.current.account_id"),
  partition: raw("data.aws_partition.current.partition"),
  region: raw("data.aws_region.current.region"),
  artifacts_bucket_name: raw(
    `var.artifacts_bucket_name != null ? var.artifacts_bucket_name : "\${var.name_prefix}-artifacts-\${local.account_id}"`,
  ),
  connector_arn_prefix: template(
    "arn:",
    raw("local.partition"),
    ":lambda:",
    raw("local.region"),
    ":aws:network-connector:aws-network-connector",
  ),
  github_owner: raw(
    'var.github_organization != null ? var.github_organization : try(split("/", var.github_repositories[0])[0], "")',
  ),
  github_repository_names: raw('[for repository in var.github_repositories : element(split("/", repository), 1)]'),
  image_name: template(raw("var.name_prefix"), "-runner"),
  tags: call("merge", { "gha-runner:name-prefix": raw("var.name_prefix") }, raw("var.tags")),
} as const satisfies Readonly<Record<string, Expression>>;

/** Body of locals.tf. */
export function localsBody(): Body {
  return [
    block(
      "locals",
      [],
      Object.entries(LOCALS).map(([name, value]) => attribute(name, value)),
    ),
  ];
}

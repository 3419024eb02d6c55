# Generated from src/module/locals.ts: change that, then run `npx projen generate`.

locals {
  account_id              = data.aws_caller_identity.current.account_id
  partition               = data.aws_partition.current.partition
  region                  = data.aws_region.current.region
  artifacts_bucket_name   = var.artifacts_bucket_name != null ? var.artifacts_bucket_name : "${var.name_prefix}-artifacts-${local.account_id}"
  connector_arn_prefix    = "arn:${local.partition}:lambda:${local.region}:aws:network-connector:aws-network-connector"
  github_owner            = var.github_organization != null ? var.github_organization : try(split("/", var.github_repositories[0])[0], "")
  github_repository_names = [for repository in var.github_repositories : element(split("/", repository), 1)]
  image_name              = "${var.name_prefix}-runner"
  tags = merge(
    {
      "gha-runner:name-prefix" = var.name_prefix
    },
    var.tags,
  )
}

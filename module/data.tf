# Generated from src/module/data.ts: change that, then run `npx projen generate`.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

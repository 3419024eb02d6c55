# Generated from src/module/checks.ts: change that, then run `npx projen generate`.

check "region" {
  assert {
    condition     = contains(["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-1"], local.region)
    error_message = "Lambda MicroVMs is not known to be offered in ${local.region}: the image may fail to build there. Regions known to have it: us-east-1, us-east-2, us-west-2, eu-west-1, ap-northeast-1. Set the region of both the aws and the awscc provider."
  }
}

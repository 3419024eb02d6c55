# Generated from src/module/checks.ts: change that, then run `npx projen generate`.

check "region" {
  assert {
    condition     = contains(["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-1"], local.region)
    error_message = "Lambda MicroVMs is not known to be offered in ${local.region}: the image may fail to build there. Regions known to have it: us-east-1, us-east-2, us-west-2, eu-west-1, ap-northeast-1. Set the region of both the aws and the awscc provider."
  }
}

check "image_refresh" {
  assert {
    condition     = local.refresh_mode == var.image_refresh.mode
    error_message = "image_refresh only watches: image_version, runner_version or a dockerfile that does not name runner.env keeps the image as it is. GitHub stops giving jobs to its runner some 30 to 70 days after the next release: remove the pin, follow runner.env in the dockerfile, or set image_refresh = { mode = \"watch\" } to say that you will."
  }
}

# Generated from src/module/checks.ts: change that, then run `npx projen generate`.

check "region" {
  assert {
    condition = contains(
      [
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "eu-west-1",
        "eu-central-1",
        "eu-north-1",
        "ap-northeast-1",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
      ],
      local.region,
    )
    error_message = "Lambda MicroVMs is not known to be offered in ${local.region}: the image may fail to build there. Known to have it: us-east-1, us-east-2, us-west-2, eu-west-1, eu-central-1, eu-north-1, ap-northeast-1, ap-south-1, ap-southeast-1, ap-southeast-2, and since October 2026 four more. Set the region of both the aws and the awscc provider."
  }
}

check "image" {
  assert {
    condition = (
      anytrue([
        for image in data.awscc_lambda_microvm_image.before : contains(["CREATE_FAILED", "UPDATE_FAILED"], image.state)
      ])
      ? !contains(["CREATE_FAILED", "UPDATE_FAILED"], data.awscc_lambda_microvm_image.runner.state)
      : true
    )
    error_message = "The last build of the runner image failed (${data.awscc_lambda_microvm_image.runner.state}): jobs may find no MicroVM. Its log is in ${aws_cloudwatch_log_group.runner.name}. Mend what the image is built from and apply, or apply with -replace on random_id.artifact to build it again."
  }
}

check "alarm_actions" {
  assert {
    condition     = length(var.alarm_actions) > 0 || var.alarms_without_actions
    error_message = "Nobody is told when jobs do not run: alarm_actions is empty. Name an SNS topic to which somebody is subscribed, or set alarms_without_actions = true to say that the alarms are looked at otherwise."
  }
}

check "image_refresh" {
  assert {
    condition     = local.refresh_mode == var.image_refresh.mode
    error_message = "image_refresh only watches: image_version, runner_version or a dockerfile that does not name runner.env keeps the image as it is. GitHub stops giving jobs to its runner some 30 to 70 days after the next release: remove the pin, follow runner.env in the dockerfile, or set image_refresh = { mode = \"watch\" } to say that you will."
  }
}

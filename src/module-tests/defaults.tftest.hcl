mock_provider "archive" {}

mock_provider "aws" {
  source = "./tests/mocks/aws"
}

mock_provider "awscc" {
  source = "./tests/mocks/awscc"
}

mock_provider "github" {
  source = "./tests/mocks/github"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  github_app = {
    app_id          = "123456"
    installation_id = "12345678"
    # The form of a key and nothing more.
    private_key = format("-----BEGIN %[1]s-----\n%[2]s\n-----END %[1]s-----\n", "PRIVATE KEY", base64encode("no key"))
  }
  github_organization    = "my-org"
  alarms_without_actions = true
}

run "defaults" {
  assert {
    condition     = aws_lambda_function_url.webhook.authorization_type == "NONE" && output.webhook_payload_url == aws_lambda_function_url.webhook.function_url
    error_message = "GitHub must be able to reach the webhook function."
  }

  assert {
    condition     = awscc_lambda_microvm_image.runner[0].name == "gha-microvm-runner-0123abcd" && length(aws_cloudformation_stack.runner) == 0
    error_message = "The image must be made by the awscc provider, under a name of its own."
  }

  assert {
    condition     = aws_s3_object.microvm_code.source == "./image.zip" && length(data.archive_file.image) == 0
    error_message = "The image must be built from the code that comes with the module."
  }

  assert {
    condition     = aws_lambda_function.dispatcher.environment[0].variables.RUNNER_LABELS == "self-hosted,linux,arm64,microvm"
    error_message = "Runners must have the documented labels."
  }

  assert {
    condition     = aws_lambda_function.dispatcher.environment[0].variables.INGRESS_CONNECTOR_ARN == "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:NO_INGRESS"
    error_message = "Nobody may reach a MicroVM."
  }

  assert {
    condition     = output.image_version == "1.0" && output.artifacts_bucket == "gha-microvm-artifacts-123456789012"
    error_message = "The outputs must tell of the image and its bucket."
  }
}

run "names_and_tags" {
  variables {
    name_prefix   = "ci"
    tags          = { team = "build" }
    image_refresh = { mode = "watch" }
    image_version = "3.0"
  }

  assert {
    condition     = aws_lambda_function.dispatcher.function_name == "ci-dispatcher" && aws_sqs_queue.jobs.name == "ci-jobs"
    error_message = "Names must begin with name_prefix."
  }

  assert {
    condition     = aws_sqs_queue.jobs.tags == tomap({ "gha-runner:name-prefix" = "ci", team = "build" })
    error_message = "Resources must have the caller's tags and the module's own."
  }

  assert {
    condition     = output.image_version == "3.0" && aws_lambda_function.dispatcher.environment[0].variables.IMAGE_VERSION == "3.0"
    error_message = "A pinned version of the image must be the one that is launched."
  }
}

run "nobody_is_told" {
  command = plan

  variables {
    alarms_without_actions = false
  }

  expect_failures = [check.alarm_actions]
}

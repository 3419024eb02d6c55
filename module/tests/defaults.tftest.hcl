# Copied from src/module-tests: change that, then run `npx projen generate`.

mock_provider "archive" {}

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "123456789012"
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}"
    }
  }

  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }

  mock_data "aws_region" {
    defaults = {
      region = "eu-west-1"
    }
  }

  mock_resource "aws_cloudformation_stack" {
    defaults = {
      outputs = {
        ImageArn                 = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:stack"
        LatestActiveImageVersion = "2.0"
      }
    }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock"
    }
  }

  mock_resource "aws_dynamodb_table" {
    defaults = {
      arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/mock"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/mock"
    }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn = "arn:aws:lambda:eu-west-1:123456789012:function:mock"
    }
  }

  mock_resource "aws_lambda_function_url" {
    defaults = {
      function_url = "https://mock.lambda-url.eu-west-1.on.aws/"
    }
  }

  mock_resource "aws_s3_bucket" {
    defaults = {
      arn = "arn:aws:s3:::mock"
    }
  }

  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-west-1:123456789012:mock"
      url = "https://sqs.eu-west-1.amazonaws.com/123456789012/mock"
    }
  }

  mock_resource "aws_ssm_parameter" {
    defaults = {
      arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/mock"
    }
  }
}

mock_provider "awscc" {
  mock_data "awscc_lambda_microvm_image" {
    defaults = {
      latest_active_image_version = "1.0"
      state                       = "CREATED"
    }
  }

  mock_data "awscc_lambda_microvm_images" {
    defaults = {
      id = "eu-west-1"
    }
  }

  mock_resource "awscc_lambda_microvm_image" {
    defaults = {
      image_arn                   = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:mock"
      latest_active_image_version = "1.0"
    }
  }
}

mock_provider "github" {
  mock_resource "github_organization_webhook" {
    defaults = {
      id = "4001"
    }
  }

  mock_resource "github_repository_webhook" {
    defaults = {
      id = "4002"
    }
  }
}

mock_provider "random" {
  mock_resource "random_id" {
    defaults = {
      hex = "0123abcd"
    }
  }
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

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

run "organization" {
  assert {
    condition     = length(github_organization_webhook.runner) == 1 && length(github_repository_webhook.runner) == 0
    error_message = "There must be one webhook of the organization."
  }

  assert {
    condition     = github_organization_webhook.runner[0].events == toset(["workflow_job"]) && github_organization_webhook.runner[0].configuration[0].url == output.webhook_payload_url
    error_message = "The webhook must send workflow_job events to the function URL."
  }
}

run "repositories" {
  variables {
    github_organization = null
    github_repositories = ["my-org/api", "my-org/web"]
  }

  assert {
    condition     = length(github_organization_webhook.runner) == 0 && [for hook in github_repository_webhook.runner : hook.repository] == ["api", "web"]
    error_message = "Each repository must have a webhook, under its name without the owner."
  }

  assert {
    condition     = aws_lambda_function.webhook.environment[0].variables.GH_OWNER == "my-org" && aws_lambda_function.webhook.environment[0].variables.GH_REPOSITORIES == "api,web"
    error_message = "The functions must serve these repositories of their owner."
  }
}

run "by_hand" {
  variables {
    manage_webhooks = false
  }

  assert {
    condition     = length(github_organization_webhook.runner) + length(github_repository_webhook.runner) == 0
    error_message = "Terraform must create no webhook."
  }

  assert {
    condition     = output.webhook_payload_url != "" && output.webhook_secret == random_password.webhook.result
    error_message = "The outputs must tell what to enter in GitHub."
  }
}

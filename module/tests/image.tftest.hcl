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

run "customised" {
  variables {
    egress_network_connector_arn = "arn:aws:lambda:eu-west-1:123456789012:network-connector:vpc"
    extra_build_files            = { "setup.sh" = "true" }
    extra_packages               = ["ruby3.2"]
    runner_environment           = { LANG = "C.UTF-8" }
    runner_memory_mib            = 2048
    setup_commands               = ["bash /opt/build-files/setup.sh"]
  }

  assert {
    condition     = aws_s3_object.microvm_code.source == data.archive_file.image[0].output_path
    error_message = "The image must be built from an archive of its own."
  }

  assert {
    condition = alltrue([
      for step in ["COPY setup.sh /opt/build-files/setup.sh\n", " ruby3.2 &&", "\"bash /opt/build-files/setup.sh\"]\n"] :
      strcontains(one([for file in data.archive_file.image[0].source : file.content if file.filename == "Dockerfile"]), step)
    ])
    error_message = "The Dockerfile must hold the files, packages and commands."
  }

  assert {
    condition     = contains([for each in awscc_lambda_microvm_image.runner[0].environment_variables : "${each.key}=${each.value}"], "LANG=C.UTF-8")
    error_message = "The image must have the variables."
  }

  assert {
    condition     = one(awscc_lambda_microvm_image.runner[0].resources[*].minimum_memory_in_mi_b) == 2048
    error_message = "The image must have the memory."
  }

  assert {
    condition     = aws_lambda_function.dispatcher.environment[0].variables.EGRESS_CONNECTOR_ARN == "arn:aws:lambda:eu-west-1:123456789012:network-connector:vpc"
    error_message = "Jobs must reach the network through the connector."
  }
}

run "own_dockerfile" {
  variables {
    image_refresh = { mode = "watch" }
    dockerfile    = <<-EOT
      FROM public.ecr.aws/lambda/microvms:al2023-minimal
      RUN useradd --create-home runner
      COPY supervisor.cjs /opt/supervisor/supervisor.cjs
      EXPOSE 9000
      CMD ["/opt/actions-runner/externals/node24/bin/node", "/opt/supervisor/supervisor.cjs"]
    EOT
  }

  assert {
    condition     = one([for file in data.archive_file.image[0].source : file.content if file.filename == "Dockerfile"]) == var.dockerfile
    error_message = "The image must be built from the Dockerfile that is given."
  }
}

run "without_capabilities" {
  variables {
    additional_os_capabilities = []
  }

  assert {
    condition     = length(awscc_lambda_microvm_image.runner) == 0 && length(aws_cloudformation_stack.runner) == 1
    error_message = "The image must be made by a CloudFormation stack, which can ask for no capabilities."
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.runner[0].template_body).Resources.Image.Properties.AdditionalOsCapabilities == []
    error_message = "The image must have no capabilities."
  }

  assert {
    condition     = output.image_arn == "arn:aws:lambda:eu-west-1:123456789012:microvm-image:stack"
    error_message = "The outputs must tell of the stack's image."
  }
}

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

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

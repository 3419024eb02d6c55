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

run "additional_os_capabilities" {
  command = plan

  variables {
    additional_os_capabilities = ["SYS_ADMIN"]
  }

  expect_failures = [var.additional_os_capabilities]
}

run "alarm_actions" {
  command = plan

  variables {
    alarm_actions = ["alerts"]
  }

  expect_failures = [var.alarm_actions]
}

run "alarm_wait_minutes" {
  command = plan

  variables {
    alarm_wait_minutes = 0
  }

  expect_failures = [var.alarm_wait_minutes]
}

run "alarms_left_out" {
  command = plan

  variables {
    alarms_left_out = ["no-such-alarm"]
  }

  expect_failures = [var.alarms_left_out]
}

run "artifacts_bucket_name" {
  command = plan

  variables {
    artifacts_bucket_name = "My-Bucket"
  }

  expect_failures = [var.artifacts_bucket_name]
}

run "base_image_name" {
  command = plan

  variables {
    base_image_name = "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1"
  }

  expect_failures = [var.base_image_name]
}

run "base_image_version" {
  command = plan

  variables {
    base_image_version = "0.0"
  }

  expect_failures = [var.base_image_version]
}

run "dispatcher_memory_size" {
  command = plan

  variables {
    dispatcher_memory_size = 64
  }

  expect_failures = [var.dispatcher_memory_size]
}

run "dispatcher_timeout" {
  command = plan

  variables {
    dispatcher_timeout = 901
  }

  expect_failures = [var.dispatcher_timeout]
}

run "dockerfile" {
  command = plan

  variables {
    dockerfile = "./Dockerfile"
  }

  expect_failures = [var.dockerfile]
}

run "egress_network_connector_arn" {
  command = plan

  variables {
    egress_network_connector_arn = "INTERNET_EGRESS"
  }

  expect_failures = [var.egress_network_connector_arn]
}

run "extra_build_files" {
  command = plan

  variables {
    extra_build_files = { "../up" = "text" }
  }

  expect_failures = [var.extra_build_files]
}

run "docker_images" {
  command = plan

  variables {
    docker_images = ["postgres"]
  }

  expect_failures = [var.docker_images]
}

run "docker_registry_mirrors" {
  command = plan

  variables {
    docker_registry_mirrors = ["mirror.gcr.io"]
  }

  expect_failures = [var.docker_registry_mirrors]
}

run "extra_packages" {
  command = plan

  variables {
    extra_packages = ["curl"]
  }

  expect_failures = [var.extra_packages]
}

run "github_api_url" {
  command = plan

  variables {
    github_api_url = "https://api.github.com/"
  }

  expect_failures = [var.github_api_url]
}

run "github_app" {
  command = plan

  variables {
    github_app = {
      app_id          = "Iv1.8a61f9b3a7aba766"
      installation_id = "12345678"
      private_key     = "app.pem"
    }
  }

  expect_failures = [var.github_app]
}

run "github_app_key_source" {
  command = plan

  variables {
    github_app_key_source = {}
  }

  expect_failures = [var.github_app_key_source]
}

run "github_organization" {
  command = plan

  variables {
    github_organization = "my-org/repo"
  }

  expect_failures = [var.github_organization]
}

run "github_repositories" {
  command = plan

  variables {
    github_repositories = ["other/repo"]
  }

  expect_failures = [var.github_repositories]
}

run "image_refresh" {
  command = plan

  variables {
    image_refresh = { mode = "weekly" }
  }

  expect_failures = [var.image_refresh]
}

run "image_version" {
  command = plan

  variables {
    image_version = "3"
  }

  expect_failures = [var.image_version]
}

run "image_versions_kept" {
  command = plan

  variables {
    image_versions_kept = 0
  }

  expect_failures = [var.image_versions_kept]
}

run "kms_key_arn" {
  command = plan

  variables {
    kms_key_arn = "alias/ci"
  }

  expect_failures = [var.kms_key_arn]
}

run "log_retention_days" {
  command = plan

  variables {
    log_retention_days = 15
  }

  expect_failures = [var.log_retention_days]
}

run "dispatcher_concurrency" {
  command = plan

  variables {
    dispatcher_concurrency = 1
  }

  expect_failures = [var.dispatcher_concurrency]
}

run "max_concurrency" {
  command = plan

  variables {
    max_concurrency = -1
  }

  expect_failures = [var.max_concurrency]
}

run "max_concurrency_per_repository" {
  command = plan

  variables {
    max_concurrency_per_repository = -1
  }

  expect_failures = [var.max_concurrency_per_repository]
}

run "max_duration_seconds" {
  command = plan

  variables {
    max_duration_seconds = 59
  }

  expect_failures = [var.max_duration_seconds]
}

run "name_prefix" {
  command = plan

  variables {
    name_prefix = "Gha"
  }

  expect_failures = [var.name_prefix]
}

run "permissions_boundary" {
  command = plan

  variables {
    permissions_boundary = "boundary"
  }

  expect_failures = [var.permissions_boundary]
}

run "required_labels" {
  command = plan

  variables {
    required_labels = ["gpu"]
  }

  expect_failures = [var.required_labels]
}

run "role_path" {
  command = plan

  variables {
    role_path = "ci"
  }

  expect_failures = [var.role_path]
}

run "runner_classes" {
  command = plan

  variables {
    runner_classes = { default = {} }
  }

  expect_failures = [var.runner_classes]
}

run "runner_environment" {
  command = plan

  variables {
    runner_environment = { NPM_TOKEN = "text" }
  }

  expect_failures = [var.runner_environment]
}

run "runner_group_id" {
  command = plan

  variables {
    runner_group_id = 0
  }

  expect_failures = [var.runner_group_id]
}

run "runner_labels" {
  command = plan

  variables {
    runner_labels = []
  }

  expect_failures = [var.runner_labels]
}

run "runner_memory_mib" {
  command = plan

  variables {
    runner_memory_mib = 1000
  }

  expect_failures = [var.runner_memory_mib]
}

run "runner_sha256" {
  command = plan

  variables {
    runner_sha256 = "abc"
  }

  expect_failures = [var.runner_sha256]
}

run "runner_version" {
  command = plan

  variables {
    runner_version = "latest"
  }

  expect_failures = [var.runner_version]
}

run "setup_commands" {
  command = plan

  variables {
    setup_commands = [""]
  }

  expect_failures = [var.setup_commands]
}

run "tags" {
  command = plan

  variables {
    tags = { "aws:x" = "v" }
  }

  expect_failures = [var.tags]
}

run "webhook_secret_generation" {
  command = plan

  variables {
    webhook_secret_generation = 0
  }

  expect_failures = [var.webhook_secret_generation]
}

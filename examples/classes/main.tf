provider "aws" {
  region = var.region # a region where Lambda MicroVMs are available
}

provider "awscc" {
  region = var.region # same region as aws; builds the MicroVM image and the connector
}

provider "github" {
  owner = var.github_organization

  app_auth {
    id              = var.github_app_id
    installation_id = var.github_app_installation_id
    pem_file        = file(var.github_app_private_key_file)
  }
}

module "gha_runner" {
  source = "../../module"

  github_app = {
    app_id          = var.github_app_id
    installation_id = var.github_app_installation_id
    private_key     = file(var.github_app_private_key_file) # PEM contents
  }

  github_organization = var.github_organization

  # Small jobs: runs-on: [self-hosted, microvm]
  runner_memory_mib = 2048

  runner_classes = {
    # runs-on: [self-hosted, microvm-large]
    large = { runner_memory_mib = 8192 }

    # runs-on: [self-hosted, microvm-private]
    private = {
      additional_os_capabilities   = [] # no Docker
      egress_network_connector_arn = awscc_lambda_network_connector.runners.arn
      repositories                 = var.private_repositories
    }
  }
}

provider "aws" {
  region = var.region # a region where Lambda MicroVMs are available
}

provider "awscc" {
  region = var.region # same region as aws; builds the MicroVM image
}

provider "github" {
  owner = var.github_organization
  # The server's own address; the provider finds the API below it.
  base_url = "https://${var.github_host}/"

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
  github_api_url      = "https://${var.github_host}/api/v3"
}

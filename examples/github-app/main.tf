provider "aws" {
  region = var.region # a region where Lambda MicroVMs are available
}

provider "awscc" {
  region = var.region # same region as aws; builds the MicroVM image
}

# Only needed when manage_webhooks = true.
provider "github" {
  owner = var.github_organization
  # The provider wants the server's own URL and finds the API below it.
  base_url = var.github_api_url == "https://api.github.com" ? null : "${trimsuffix(var.github_api_url, "/api/v3")}/"

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

  github_api_url      = var.github_api_url
  github_organization = var.github_organization
  manage_webhooks     = true
}

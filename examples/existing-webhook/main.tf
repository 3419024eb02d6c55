provider "aws" {
  region = var.region # a region where Lambda MicroVMs are available
}

provider "awscc" {
  region = var.region # same region as aws; builds the MicroVM image
}

# Terraform configures this provider although the module makes no webhook; with an owner it needs no credential.
provider "github" {
  owner = var.github_organization
}

module "gha_runner" {
  source = "../../module"

  github_app = {
    app_id      = var.github_app_id
    private_key = file(var.github_app_private_key_file) # PEM contents
  }

  github_organization = var.github_organization
  manage_webhooks     = false
}

terraform {
  required_version = ">= 1.9.0"

  # The module requires integrations/github as well: Terraform installs it, and nothing configures or calls it.
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
    awscc = {
      source  = "hashicorp/awscc"
      version = ">= 1.0"
    }
  }
}

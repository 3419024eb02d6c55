terraform {
  required_version = ">= 1.9.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.29, < 7.0"
    }
    awscc = {
      source  = "hashicorp/awscc"
      version = ">= 1.90"
    }
    github = {
      source  = "integrations/github"
      version = ">= 6.2"
    }
  }
}

# Generated from src/interface/versions.ts: change that, then run `npx projen generate`.

terraform {
  required_version = ">= 1.9.0"

  required_providers {
    archive = {
      source  = "hashicorp/archive"
      version = ">= 2.4"
    }
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
    random = {
      source  = "hashicorp/random"
      version = ">= 3.6"
    }
  }
}

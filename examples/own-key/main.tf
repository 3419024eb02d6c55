provider "aws" {
  region = var.region # a region where Lambda MicroVMs are available
}

provider "awscc" {
  region = var.region # same region as aws; builds the MicroVM image
}

provider "github" {
  owner = var.github_organization

  app_auth {
    id              = var.github_app_id
    installation_id = var.github_app_installation_id
    pem_file        = file(var.github_app_private_key_file)
  }
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  name_prefix = "gha-microvm"
  log_groups  = "arn:aws:logs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:log-group"
}

resource "aws_kms_key" "runners" {
  description         = "Data of the GitHub Actions runners"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LetIamDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LetCloudWatchLogsUseIt"
        Effect    = "Allow"
        Principal = { Service = "logs.${data.aws_region.current.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              "${local.log_groups}:/aws/lambda/${local.name_prefix}-*",
              "${local.log_groups}:/aws/lambda-microvms/${local.name_prefix}-*",
            ]
          }
        }
      },
    ]
  })
}

module "gha_runner" {
  source = "../../module"

  github_app = {
    app_id          = var.github_app_id
    installation_id = var.github_app_installation_id
    private_key     = file(var.github_app_private_key_file) # PEM contents
  }

  github_organization = var.github_organization
  name_prefix         = local.name_prefix
  kms_key_arn         = aws_kms_key.runners.arn
}

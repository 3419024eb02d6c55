# Generated from src/module/secret.ts: change that, then run `npx projen generate`.

# Of the odd generations: raising to an even one leaves it as it is, so that it stays valid until the raise after that.
resource "random_password" "webhook" {
  length  = 64
  special = false
  keepers = (
    var.webhook_secret_generation < 3
    ? null
    : {
      generation = 2 * floor((var.webhook_secret_generation - 1) / 2) + 1
    }
  )
}

# Of the even generations.
resource "random_password" "webhook_even" {
  count = var.webhook_secret_generation > 1 ? 1 : 0

  length  = 64
  special = false
  keepers = {
    generation = 2 * floor(var.webhook_secret_generation / 2)
  }
}

resource "aws_ssm_parameter" "dispatcher" {
  name        = "/${var.name_prefix}/dispatcher"
  description = "Webhook secret and GitHub App of the runner dispatcher"
  type        = "SecureString"
  value = jsonencode({
    webhook_secrets = local.webhook_secrets
    github_app = {
      app_id                    = var.github_app.app_id
      installation_id           = var.github_app.installation_id
      private_key               = var.github_app.private_key
      ssm_parameter_arn         = try(var.github_app_key_source.ssm_parameter_arn, null)
      secretsmanager_secret_arn = try(var.github_app_key_source.secretsmanager_secret_arn, null)
      kms_signing_key_arn       = try(var.github_app_key_source.kms_signing_key_arn, null)
    }
  })
  key_id = coalesce(var.kms_key_arn, "alias/aws/ssm")
  tags   = local.tags

  lifecycle {
    precondition {
      condition     = var.kms_key_arn == null ? true : try(split(":", var.kms_key_arn)[3] == local.region, true)
      error_message = "kms_key_arn is a key of another Region than the aws provider's, ${local.region}: name a key of that Region, or the replica there of a multi-Region key."
    }

    precondition {
      condition = (
        var.egress_network_connector_arn == null
        ? true
        : try(
          (
            split(":", var.egress_network_connector_arn)[3] == local.region &&
            (
              split(":", var.egress_network_connector_arn)[4] == local.account_id ||
              split(":", var.egress_network_connector_arn)[4] == "aws"
            )
          ),
          true,
        )
      )
      error_message = "egress_network_connector_arn is a connector of another Region or account than the aws provider's, ${local.region} and ${local.account_id}: make one there, or leave it null for INTERNET_EGRESS."
    }

    precondition {
      condition = (
        var.permissions_boundary == null
        ? true
        : try(
          (
            split(":", var.permissions_boundary)[4] == local.account_id ||
            split(":", var.permissions_boundary)[4] == "aws"
          ),
          true,
        )
      )
      error_message = "permissions_boundary is a policy of another account than the aws provider's, ${local.account_id}: IAM takes a boundary of the role's own account only, or one that AWS manages."
    }

    precondition {
      condition     = alltrue([for action in var.alarm_actions : try(split(":", action)[3] == local.region, true)])
      error_message = "alarm_actions has an action of another Region than the aws provider's, ${local.region}: CloudWatch notifies in an alarm's own Region only. Make a topic there."
    }
  }
}

# A parameter of its own, so that the function that faces the internet cannot read the App's private key.
resource "aws_ssm_parameter" "webhook" {
  name        = "/${var.name_prefix}/webhook"
  description = "Webhook secret of the runner dispatcher"
  type        = "SecureString"
  value = jsonencode({
    webhook_secrets = local.webhook_secrets
  })
  key_id = coalesce(var.kms_key_arn, "alias/aws/ssm")
  tags   = local.tags
}

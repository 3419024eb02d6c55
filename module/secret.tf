# Generated from src/module/secret.ts: change that, then run `npx projen generate`.

resource "random_password" "webhook" {
  length  = 64
  special = false
}

resource "aws_ssm_parameter" "dispatcher" {
  name        = "/${var.name_prefix}/dispatcher"
  description = "Webhook secret and GitHub App of the runner dispatcher"
  key_id      = coalesce(var.kms_key_arn, "alias/aws/ssm")
  type        = "SecureString"
  value = jsonencode({
    webhook_secrets = [random_password.webhook.result]
    github_app = {
      app_id          = var.github_app.app_id
      installation_id = var.github_app.installation_id
      private_key     = var.github_app.private_key
    }
  })
  tags = local.tags

  lifecycle {
    precondition {
      condition     = try(split(":", var.kms_key_arn)[3] == local.region, true)
      error_message = "kms_key_arn is a key of another Region than the aws provider's, ${local.region}: name a key of that Region, or the replica there of a multi-Region key."
    }
  }
}

# A parameter of its own, so that the function that faces the internet cannot read the App's private key.
resource "aws_ssm_parameter" "webhook" {
  name        = "/${var.name_prefix}/webhook"
  description = "Webhook secret of the runner dispatcher"
  key_id      = coalesce(var.kms_key_arn, "alias/aws/ssm")
  type        = "SecureString"
  value = jsonencode({
    webhook_secrets = [random_password.webhook.result]
  })
  tags = local.tags
}

# Generated from src/module/webhooks.ts: change that, then run `npx projen generate`.

resource "github_organization_webhook" "runner" {
  count = var.manage_webhooks && length(var.github_repositories) == 0 ? 1 : 0

  events = ["workflow_job"]

  configuration {
    content_type = "json"
    insecure_ssl = false
    secret       = local.webhook_secrets[0]
    url          = aws_lambda_function_url.webhook.function_url
  }

  depends_on = [
    aws_iam_role_policy.webhook,
    aws_lambda_function.webhook,
    aws_ssm_parameter.webhook,
    aws_ssm_parameter.dispatcher,
  ]
}

# The provider wants the repository's name without its owner, which is the provider's own.
resource "github_repository_webhook" "runner" {
  for_each = toset(var.manage_webhooks ? var.github_repositories : [])

  events     = ["workflow_job"]
  repository = element(split("/", each.value), 1)

  configuration {
    content_type = "json"
    insecure_ssl = false
    secret       = local.webhook_secrets[0]
    url          = aws_lambda_function_url.webhook.function_url
  }

  depends_on = [
    aws_iam_role_policy.webhook,
    aws_lambda_function.webhook,
    aws_ssm_parameter.webhook,
    aws_ssm_parameter.dispatcher,
  ]
}

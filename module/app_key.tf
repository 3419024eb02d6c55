# Generated from src/module/app-key.ts: change that, then run `npx projen generate`.

# UseAppKey: the one right that the service of the ARN asks for.
# DecryptAppKey: through a customer's key, and only for the service that keeps the parameter or secret.
data "aws_iam_policy_document" "app_key" {
  count = var.github_app_key_source == null ? 0 : 1

  statement {
    sid = "UseAppKey"
    actions = [
      {
        kms            = "kms:Sign"
        secretsmanager = "secretsmanager:GetSecretValue"
        ssm            = "ssm:GetParameter"
      }[split(":", local.app_key_arn)[2]],
    ]
    resources = [local.app_key_arn]
  }

  dynamic "statement" {
    for_each = compact([var.github_app_key_source.kms_decryption_key_arn])

    content {
      sid       = "DecryptAppKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["${split(":", local.app_key_arn)[2]}.${split(":", local.app_key_arn)[3]}.amazonaws.com"]
      }
    }
  }
}

# Generated from src/module/table.ts: change that, then run `npx projen generate`.

resource "aws_dynamodb_table" "jobs" {
  # checkov:skip=CKV_AWS_28:on with table_point_in_time_recovery; records live for days, and GitHub is asked again

  name         = "${var.name_prefix}-jobs"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  tags         = local.tags

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = var.table_point_in_time_recovery
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

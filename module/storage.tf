# Generated from src/module/storage.ts: change that, then run `npx projen generate`.

resource "aws_s3_bucket" "artifacts" {
  # checkov:skip=CKV_AWS_18:an access log needs a second bucket; CloudTrail data events do the same where they are wanted
  # checkov:skip=CKV_AWS_144:the module brings the content again in any Region
  # checkov:skip=CKV2_AWS_62:nobody would listen to event notifications

  bucket        = local.artifacts_bucket_name
  force_destroy = true
  tags          = local.tags
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      kms_master_key_id = var.kms_key_arn
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
    }
  }
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_ownership_controls" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "artifacts_bucket" {
  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.artifacts.arn, "${aws_s3_bucket.artifacts.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  policy = data.aws_iam_policy_document.artifacts_bucket.json

  depends_on = [aws_s3_bucket_public_access_block.artifacts, aws_s3_bucket_ownership_controls.artifacts]
}

# For what is written into the bucket by hand: Terraform deletes replaced code with all its versions.
resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    id     = "forget-replaced-code"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.artifacts]
}

# New with each content, so that going back to an earlier one is a change too: it is built again, which heals an image
# whose last build failed, and no two objects share a key of which one is being deleted.
resource "random_id" "artifact" {
  byte_length = 4
  keepers = {
    hash = local.artifact_hash
  }
}

# The image is rebuilt only when the key changes. The code that is replaced goes when the image's update has ended: it is
# what CloudFormation builds again when the new one fails.
# An S3 object takes ten tags, where other resources take fifty: more are left off, as are the provider's own.
resource "aws_s3_object" "microvm_code" {
  bucket       = aws_s3_bucket.artifacts.bucket
  content_type = "application/zip"
  key          = "microvm/${local.artifact_hash}-${random_id.artifact.hex}.zip"
  source       = local.artifact_file
  kms_key_id   = var.kms_key_arn
  tags         = length(local.tags) <= 10 ? local.tags : null

  override_provider {
    default_tags {
      tags = {}
    }
  }

  depends_on = [
    aws_s3_bucket_policy.artifacts,
    aws_s3_bucket_server_side_encryption_configuration.artifacts,
    aws_s3_bucket_versioning.artifacts,
  ]
}

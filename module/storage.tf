# Generated from src/module/storage.ts: change that, then run `npx projen generate`.

resource "aws_s3_bucket" "artifacts" {
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
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  versioning_configuration {
    status = "Enabled"
  }
}

# The key holds the content's hash, because the image is rebuilt only when the key changes.
# An S3 object takes ten tags, where other resources take fifty: more are left off, as are the provider's own.
resource "aws_s3_object" "microvm_code" {
  bucket       = aws_s3_bucket.artifacts.bucket
  content_type = "application/zip"
  key          = "microvm/${filesha256("${path.module}/image.zip")}.zip"
  source       = "${path.module}/image.zip"
  tags         = length(local.tags) <= 10 ? local.tags : null

  override_provider {
    default_tags {
      tags = {}
    }
  }

  depends_on = [
    aws_s3_bucket_public_access_block.artifacts,
    aws_s3_bucket_server_side_encryption_configuration.artifacts,
    aws_s3_bucket_versioning.artifacts,
  ]
}

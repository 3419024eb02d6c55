# Generated from src/module/data.ts: change that, then run `npx projen generate`.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# Its id is the Region of the awscc provider, which has no other way to say so before it has made something
# (terraform-provider-awscc, internal/generic/plural_data_source.go).
data "awscc_lambda_microvm_images" "awscc" {}

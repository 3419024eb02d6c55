# Generated from src/module/iam.ts: change that, then run `npx projen generate`.

data "aws_iam_policy_document" "function_trust" {
  statement {
    sid     = "AssumeByFunction"
    actions = ["sts:AssumeRole"]

    principals {
      identifiers = ["lambda.amazonaws.com"]
      type        = "Service"
    }
  }
}

# Lambda MicroVMs sends neither aws:SourceAccount nor aws:SourceArn when it assumes a role: with a condition on
# either, every launch is refused with an error that blames iam:PassRole.
data "aws_iam_policy_document" "microvm_trust" {
  statement {
    sid     = "AssumeByMicrovms"
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      identifiers = ["lambda.amazonaws.com"]
      type        = "Service"
    }
  }
}

# The condition keeps other accounts' schedules from using the roles through the service.
data "aws_iam_policy_document" "schedule_trust" {
  statement {
    sid     = "AssumeBySchedules"
    actions = ["sts:AssumeRole"]

    condition {
      test     = "StringEquals"
      values   = [local.account_id]
      variable = "aws:SourceAccount"
    }

    principals {
      identifiers = ["scheduler.amazonaws.com"]
      type        = "Service"
    }
  }
}

# Generated from src/module/iam.ts: change that, then run `npx projen generate`.

data "aws_iam_policy_document" "function_trust" {
  statement {
    sid     = "AssumeByFunction"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
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
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# The conditions keep other schedules from using the roles through the service: those of other accounts, and those of
# other groups. The service names the group, and no single schedule.
data "aws_iam_policy_document" "schedule_trust" {
  statement {
    sid     = "AssumeBySchedules"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:scheduler:${local.region}:${local.account_id}:schedule-group/default"]
    }
  }
}

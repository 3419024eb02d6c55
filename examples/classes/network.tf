# What this group may reach, jobs of the class private may reach. Nothing reaches them: there is no ingress rule.
resource "aws_security_group" "runners" {
  # checkov:skip=CKV_AWS_382:a job reaches whatever its workflow names; narrow it to what yours need
  # checkov:skip=CKV2_AWS_5:it belongs to the module's network connector, which checkov does not know

  name        = "gha-microvm-private"
  description = "GitHub Actions runners: everything outbound, UDP included"
  vpc_id      = var.vpc_id

  egress {
    cidr_blocks = ["0.0.0.0/0"]
    description = "All"
    from_port   = 0
    protocol    = "-1"
    to_port     = 0
  }
}

resource "awscc_lambda_network_connector" "runners" {
  name          = "gha-microvm-private"
  operator_role = aws_iam_role.connector.arn

  configuration = {
    vpc_egress_configuration = {
      associated_compute_resource_types = ["MicroVm"]
      network_protocol                  = "IPv4"
      security_group_ids                = [aws_security_group.runners.id]
      subnet_ids                        = var.subnet_ids
    }
  }

  # The service makes its network interfaces with the role while the connector is created.
  depends_on = [aws_iam_role_policy.connector]
}

# No condition on the source: the service sends none along when it takes the role on.
data "aws_iam_policy_document" "connector_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      identifiers = ["lambda.amazonaws.com"]
      type        = "Service"
    }
  }
}

resource "aws_iam_role" "connector" {
  name               = "gha-microvm-connector"
  assume_role_policy = data.aws_iam_policy_document.connector_trust.json
  description        = "Taken on by Lambda to make the network interfaces of the runners' connector"
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  ec2_arn_prefix = "arn:${data.aws_partition.current.partition}:ec2:${var.region}:${data.aws_caller_identity.current.account_id}"
}

data "aws_iam_policy_document" "connector" {
  statement {
    sid     = "CreateInterfaces"
    actions = ["ec2:CreateNetworkInterface"]
    resources = concat(
      ["${local.ec2_arn_prefix}:network-interface/*", "${local.ec2_arn_prefix}:security-group/${aws_security_group.runners.id}"],
      [for id in var.subnet_ids : "${local.ec2_arn_prefix}:subnet/${id}"],
    )
  }

  statement {
    sid       = "TagInterfaces"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.ec2_arn_prefix}:network-interface/*"]
  }
}

resource "aws_iam_role_policy" "connector" {
  name   = "connector"
  policy = data.aws_iam_policy_document.connector.json
  role   = aws_iam_role.connector.id
}

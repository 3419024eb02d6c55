provider "aws" {
  region = var.region # a region where Lambda MicroVMs are available
}

provider "awscc" {
  region = var.region # same region as aws; builds the MicroVM image
}

provider "github" {
  owner = var.github_organization

  app_auth {
    id              = var.github_app_id
    installation_id = var.github_app_installation_id
    pem_file        = file(var.github_app_private_key_file)
  }
}

resource "aws_sns_topic" "alarms" {
  # checkov:skip=CKV_AWS_26:an alarm tells nothing that is secret, and a key of your own would have to let CloudWatch in

  name = "gha-microvm-alarms"
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

module "gha_runner" {
  source = "../../module"

  github_app = {
    app_id          = var.github_app_id
    installation_id = var.github_app_installation_id
    private_key     = file(var.github_app_private_key_file) # PEM contents
  }

  github_organization = var.github_organization
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

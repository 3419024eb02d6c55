variable "region" {
  type        = string
  description = "AWS Region to run in: one where Lambda MicroVMs are available."
  default     = "eu-west-1"
}

variable "vpc_id" {
  type        = string
  description = "ID of the VPC that jobs of the class private reach into."
}

variable "subnet_ids" {
  type        = list(string)
  description = "IDs of 1 to 16 private subnets of the VPC, with a route to the internet through a NAT gateway."
}

variable "github_organization" {
  type        = string
  description = "Login of the GitHub organization whose jobs are served."
  default     = "my-org"
}

variable "private_repositories" {
  type        = list(string)
  description = "Repositories, as owner/name, whose jobs may use the class that reaches into the VPC."
}

variable "github_app_id" {
  type        = string
  description = "Numeric ID of the GitHub App."
  default     = "123456"
}

variable "github_app_installation_id" {
  type        = string
  description = "ID of the App's installation in the organization."
  default     = "12345678"
}

variable "github_app_private_key_file" {
  type        = string
  description = "Path to the App's private key, the `.pem` file that GitHub generated."
  default     = "app.pem"
}

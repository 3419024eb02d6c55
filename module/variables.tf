# Generated from src/interface: change that, then run `npx projen generate`.

# -----------------------------------------------------------------------------
# Required
# -----------------------------------------------------------------------------

variable "github_app" {
  type = object({
    app_id          = string
    installation_id = optional(string)
    private_key     = string
  })
  description = "GitHub App credentials - the dispatcher's machine identity. app_id: numeric App ID as a string, e.g. \"123456\" (NOT the Client ID). installation_id: App installation ID. Optional for the dispatcher (it derives it per-repo), but REQUIRED when manage_webhooks = true because the github provider's app_auth block needs it. private_key: App private key PEM contents (not a file path)."
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]{0,15}$", var.github_app.app_id))
    error_message = "github_app.app_id must be the numeric App ID as a string, such as \"123456\"; the Client ID (Iv1..., Iv23...) is not it. GitHub shows it on the App's settings page."
  }

  validation {
    condition     = var.github_app.installation_id == null || can(regex("^[1-9][0-9]{0,15}$", var.github_app.installation_id))
    error_message = "github_app.installation_id must be a number as a string, such as \"12345678\": the number at the end of the URL of the App's installation page. Leave it out to have it looked up."
  }

  validation {
    condition     = !var.manage_webhooks || var.github_app.installation_id != null
    error_message = "github_app.installation_id is required when manage_webhooks is true, because the github provider's app_auth block needs it: write the installation's number, or set manage_webhooks = false."
  }

  validation {
    condition     = try(strcontains(lookup(var.github_app, "private_key", ""), "-----BEGIN"), false)
    error_message = "github_app.private_key must be the contents of the PEM file, not its path or name: write private_key = file(\"app.pem\")."
  }

  validation {
    condition     = !try(strcontains(lookup(var.github_app, "private_key", ""), "-----BEGIN"), false) || can(regex("^\\s*(-----BEGIN RSA PRIVATE KEY-----\\s*\\n[A-Za-z0-9+/=\\s]+-----END RSA PRIVATE KEY-----|-----BEGIN PRIVATE KEY-----\\s*\\n[A-Za-z0-9+/=\\s]+-----END PRIVATE KEY-----)\\s*$", lookup(var.github_app, "private_key", "")))
    error_message = "github_app.private_key must be one whole PEM private key, from its BEGIN line to its END line, of the kind RSA PRIVATE KEY or PRIVATE KEY and not encrypted: pass the .pem file that GitHub generated for the App, unchanged."
  }
}

# -----------------------------------------------------------------------------
# GitHub
# -----------------------------------------------------------------------------

variable "github_api_url" {
  type        = string
  description = "GitHub REST API base URL. Set for GitHub Enterprise Server. -> GH_API_URL."
  default     = "https://api.github.com"
  nullable    = false

  validation {
    condition     = !endswith(var.github_api_url, "/")
    error_message = "github_api_url must not end with a slash: write https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server."
  }

  validation {
    condition     = length(var.github_api_url) <= 200 && can(regex("^(https://[A-Za-z0-9.-]+|http://(localhost|127\\.0\\.0\\.1))(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$", trimsuffix(var.github_api_url, "/")))
    error_message = "github_api_url must be an https URL of at most 200 characters without user, query or fragment: write https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server. Plain http is accepted for localhost only."
  }
}

variable "github_organization" {
  type        = string
  description = "GitHub org (or user) that owns the runners/webhooks. Used as the github provider `owner` in your root module, and (with empty github_repositories) selects an org-level webhook."
  default     = null

  validation {
    condition     = var.github_organization == null || can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$", var.github_organization))
    error_message = "github_organization must be the login of an organization or user, such as my-org: no URL, no slash, no @."
  }
}

variable "github_repositories" {
  type        = list(string)
  description = "Repositories to attach runner webhooks to, as 'owner/name'. Empty => an org-level webhook (requires github_organization). All entries must belong to the github provider's owner."
  default     = []
  nullable    = false

  validation {
    condition     = var.github_organization != null || length(var.github_repositories) > 0
    error_message = "No scope is given: set github_organization = \"my-org\" for all repositories of an organization, or github_repositories = [\"my-org/my-repo\"] for some."
  }

  validation {
    condition     = alltrue([for repository in var.github_repositories : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}$", repository))])
    error_message = "github_repositories must hold entries of the form owner/name, such as my-org/my-repo: no URL, no .git and no wildcard."
  }

  validation {
    condition     = length(distinct([for repository in var.github_repositories : lower(repository)])) == length(var.github_repositories)
    error_message = "github_repositories names a repository twice (GitHub ignores case in names): remove the duplicate."
  }

  validation {
    condition     = length(distinct([for repository in var.github_repositories : lower(split("/", repository)[0])])) <= 1
    error_message = "github_repositories must all belong to one owner, the github provider's: use one module call for each owner."
  }

  validation {
    condition     = var.github_organization == null ? true : alltrue([for repository in var.github_repositories : lower(split("/", repository)[0]) == lower(var.github_organization)])
    error_message = "github_repositories must belong to github_organization: write entries as <github_organization>/<name>, or leave github_organization out."
  }

  validation {
    condition     = length(join(",", [for repository in var.github_repositories : element(split("/", repository), 1)])) <= 1500
    error_message = "github_repositories is too long: the names without their owner, joined by commas, may take 1500 characters, because a Lambda function's environment is limited to 4 KB. Leave it empty and set github_organization: an organization webhook serves all repositories."
  }
}

variable "manage_webhooks" {
  type        = bool
  description = "If true, Terraform creates the workflow_job webhooks via the github provider (configure it in your root module). If false, wire them up yourself from the webhook_payload_url + webhook_secret outputs."
  default     = true
  nullable    = false
}

# -----------------------------------------------------------------------------
# Runner image
# -----------------------------------------------------------------------------

variable "additional_os_capabilities" {
  type        = list(string)
  description = "additionalOsCapabilities for the MicroVM image. [\"ALL\"] enables nested Docker / privileged ops (needed for `docker`/`services:` jobs). Set [] to tighten for non-Docker workloads."
  default     = ["ALL"]
  nullable    = false

  validation {
    condition     = length(var.additional_os_capabilities) <= 1 && alltrue([for capability in var.additional_os_capabilities : capability == "ALL"])
    error_message = "additional_os_capabilities must be [\"ALL\"] (for Docker and services: jobs) or []: Lambda MicroVMs knows no other capability."
  }
}

variable "base_image_name" {
  type        = string
  description = "AWS-managed MicroVM base image short name, resolved to arn:aws:lambda:<region>:aws:microvm-image:<name>."
  default     = "al2023-1"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.base_image_name))
    error_message = "base_image_name must be the short name of an AWS-managed base image, such as al2023-1, not its ARN: letters, digits, hyphens and underscores, at most 64 characters."
  }
}

variable "base_image_version" {
  type        = string
  description = "Major version of the AWS-managed base image (base_image_name), as a single number (e.g. \"0\"). Cloud Control requires it and validates the format."
  default     = "0"
  nullable    = false

  validation {
    condition     = can(regex("^(0|[1-9][0-9]{0,8})$", var.base_image_version))
    error_message = "base_image_version must be the major version alone, a single number such as \"0\" or \"1\": not \"0.0\", not empty."
  }
}

variable "image_version" {
  type        = string
  description = "Pin the runner image version the dispatcher launches (e.g. \"3.0\"). Default (null) makes the dispatcher resolve the latest ACTIVE version at runtime, so image rebuilds are picked up with no redeploy."
  default     = null

  validation {
    condition     = var.image_version == null || can(regex("^[1-9][0-9]{0,8}\\.0$", var.image_version))
    error_message = "image_version must be a version of the runner image as the image_version output shows it, such as \"3.0\", or null for the latest active one."
  }
}

variable "max_duration_seconds" {
  type        = number
  description = "maximumDurationInSeconds passed to RunMicrovm - the hard cap on one job's runtime, after which the MicroVM is auto-terminated (cost backstop)."
  default     = 1200
  nullable    = false

  validation {
    condition     = var.max_duration_seconds >= 60 && var.max_duration_seconds <= 28800 && floor(var.max_duration_seconds) == var.max_duration_seconds
    error_message = "max_duration_seconds must be a whole number from 60 to 28800 (8 hours, the longest life of a MicroVM)."
  }
}

variable "required_labels" {
  type        = list(string)
  description = "Labels a workflow_job must ALL carry for the dispatcher to launch a MicroVM (subset match). -> REQUIRED_LABELS."
  default     = ["self-hosted", "microvm"]
  nullable    = false

  validation {
    condition     = length(var.required_labels) > 0
    error_message = "required_labels must name at least one label: write the labels that a job's runs-on asks for, such as [\"self-hosted\", \"microvm\"]."
  }

  validation {
    condition     = alltrue([for label in var.required_labels : can(regex("^[^,\\s]+$", label))])
    error_message = "required_labels must hold labels without commas, spaces or line breaks, none of them empty: write one label per entry."
  }

  validation {
    condition     = length(distinct([for label in var.required_labels : lower(label)])) == length(var.required_labels)
    error_message = "required_labels names a label twice (GitHub ignores case in labels): remove the duplicate."
  }

  validation {
    condition     = length(join(",", var.required_labels)) <= 450
    error_message = "required_labels is too long: joined by commas the labels may take 450 characters, because a Lambda function's environment is limited to 4 KB. Use fewer or shorter labels."
  }

  validation {
    condition     = length(setsubtract([for label in var.required_labels : lower(label)], [for label in var.runner_labels : lower(label)])) == 0
    error_message = "required_labels must all be in runner_labels, or no runner could ever take the job: add the missing labels to runner_labels, or remove them here."
  }
}

variable "runner_labels" {
  type        = list(string)
  description = "Labels the ephemeral runner registers with (arm64 only). -> RUNNER_LABELS."
  default     = ["self-hosted", "linux", "arm64", "microvm"]
  nullable    = false

  validation {
    condition     = length(var.runner_labels) > 0
    error_message = "runner_labels must name at least one label: write the labels that a job's runs-on asks for, such as [\"self-hosted\", \"microvm\"]."
  }

  validation {
    condition     = alltrue([for label in var.runner_labels : can(regex("^[^,\\s]+$", label))])
    error_message = "runner_labels must hold labels without commas, spaces or line breaks, none of them empty: write one label per entry."
  }

  validation {
    condition     = length(distinct([for label in var.runner_labels : lower(label)])) == length(var.runner_labels)
    error_message = "runner_labels names a label twice (GitHub ignores case in labels): remove the duplicate."
  }

  validation {
    condition     = length(join(",", var.runner_labels)) <= 450
    error_message = "runner_labels is too long: joined by commas the labels may take 450 characters, because a Lambda function's environment is limited to 4 KB. Use fewer or shorter labels."
  }
}

variable "runner_memory_mib" {
  type        = number
  description = "MicroVM memory (minimumMemoryInMiB) baked into the image. Tiers: 512,1024,2048,4096,8192,... Defaults to 8192 because the default image enables Docker (additional_os_capabilities = [\"ALL\"]) and real Docker builds OOM at less; drop to 4096/2048 for lightweight jobs to cut cost."
  default     = 8192
  nullable    = false

  validation {
    condition     = contains([512, 1024, 2048, 4096, 8192], var.runner_memory_mib)
    error_message = "runner_memory_mib must be one of the sizes that Lambda MicroVMs offers: 512, 1024, 2048, 4096 or 8192."
  }
}

# -----------------------------------------------------------------------------
# Dispatcher
# -----------------------------------------------------------------------------

variable "dispatcher_memory_size" {
  type        = number
  description = "Dispatcher Lambda memory (MB)."
  default     = 256
  nullable    = false

  validation {
    condition     = var.dispatcher_memory_size >= 128 && var.dispatcher_memory_size <= 10240 && floor(var.dispatcher_memory_size) == var.dispatcher_memory_size
    error_message = "dispatcher_memory_size must be a whole number of megabytes from 128 to 10240."
  }
}

variable "dispatcher_timeout" {
  type        = number
  description = "Dispatcher Lambda timeout (seconds)."
  default     = 30
  nullable    = false

  validation {
    condition     = var.dispatcher_timeout >= 10 && var.dispatcher_timeout <= 900 && floor(var.dispatcher_timeout) == var.dispatcher_timeout
    error_message = "dispatcher_timeout must be a whole number of seconds from 10 to 900: a launch makes several calls to GitHub and AWS, and Lambda ends a function after 900."
  }
}

# -----------------------------------------------------------------------------
# General
# -----------------------------------------------------------------------------

variable "artifacts_bucket_name" {
  type        = string
  description = "Override the S3 artifacts bucket name. Default (null) creates one named '<name_prefix>-artifacts-<account_id>'."
  default     = null

  validation {
    condition     = var.artifacts_bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifacts_bucket_name))
    error_message = "artifacts_bucket_name must have 3 to 63 lower-case letters, digits, dots and hyphens, and begin and end with a letter or digit; or leave it null."
  }

  validation {
    condition     = var.artifacts_bucket_name == null || !can(regex("\\.\\.|^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|\\.mrap$|--x-s3$|--table-s3$", var.artifacts_bucket_name))
    error_message = "artifacts_bucket_name is of a form that S3 keeps for itself: no two dots in a row, no IP address, no beginning xn--, sthree- or amzn-s3-demo-, no ending -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3. Choose another name, or leave it null."
  }
}

variable "log_retention_days" {
  type        = number
  description = "CloudWatch retention (days) for the dispatcher and runner log groups."
  default     = 14
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the values that CloudWatch accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "name_prefix" {
  type        = string
  description = "Prefix for every created resource (roles, lambda, secret, bucket, image)."
  default     = "gha-microvm"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name_prefix)) && length(var.name_prefix) <= 40
    error_message = "name_prefix must have 2 to 40 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: it becomes part of S3 bucket names, which end at 63 characters."
  }

  validation {
    condition     = !can(regex("^(aws|ssm|xn--|sthree-|amzn-s3-demo-)", var.name_prefix))
    error_message = "name_prefix must not begin with aws or ssm, which SSM refuses in parameter names, nor with xn--, sthree- or amzn-s3-demo-, which S3 refuses in bucket names: choose another prefix, such as gha-microvm."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags applied to all taggable resources."
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 40
    error_message = "tags must have at most 40 entries: AWS allows 50 on a resource, and the rest is kept for the module's own and the provider's default tags."
  }

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:") && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key))])
    error_message = "tags must have keys of 1 to 128 letters, digits, spaces and _ . : / = + - @ that do not begin with aws:, which AWS keeps for itself."
  }

  validation {
    condition     = alltrue([for value in values(var.tags) : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))])
    error_message = "tags must have values of at most 256 letters, digits, spaces and _ . : / = + - @; use an empty string for none, not null."
  }
}

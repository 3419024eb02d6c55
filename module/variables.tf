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
    condition = (
      var.github_app.installation_id == null ||
      can(regex("^[1-9][0-9]{0,15}$", var.github_app.installation_id))
    )
    error_message = "github_app.installation_id must be a number as a string, such as \"12345678\": the number at the end of the URL of the App's installation page. Leave it out to have it looked up."
  }

  validation {
    condition     = !var.manage_webhooks || var.github_app.installation_id != null
    error_message = "github_app.installation_id is required when manage_webhooks is true, because the github provider's app_auth block needs it: write the installation's number, or set manage_webhooks = false."
  }

  validation {
    condition     = lookup(var.github_app, "private_key", "") != null || var.github_app_key_source != null
    error_message = "github_app.private_key is null and there is no github_app_key_source: set private_key = file(\"app.pem\"), or github_app_key_source to the place where the key is kept."
  }

  validation {
    condition     = lookup(var.github_app, "private_key", "") == null || var.github_app_key_source == null
    error_message = "github_app.private_key and github_app_key_source are both given: set private_key = null to use github_app_key_source, or leave github_app_key_source out."
  }

  validation {
    condition = (
      lookup(var.github_app, "private_key", "") == null ||
      strcontains(
        try(
          (
            try(strcontains(lookup(var.github_app, "private_key", ""), "-----BEGIN"), false)
            ? replace(replace(lookup(var.github_app, "private_key", ""), "\\r", ""), "\\n", "\n")
            : try(base64decode(replace(lookup(var.github_app, "private_key", ""), "/\\s+/", "")), "")
          ),
          "",
        ),
        "-----BEGIN",
      )
    )
    error_message = "github_app.private_key must be the contents of the PEM file, not its path or name: write private_key = file(\"app.pem\")."
  }

  validation {
    condition = (
      !strcontains(
        try(
          (
            try(strcontains(lookup(var.github_app, "private_key", ""), "-----BEGIN"), false)
            ? replace(replace(lookup(var.github_app, "private_key", ""), "\\r", ""), "\\n", "\n")
            : try(base64decode(replace(lookup(var.github_app, "private_key", ""), "/\\s+/", "")), "")
          ),
          "",
        ),
        "-----BEGIN",
      ) ||
      can(regex(
        "^[\\s\\x22']*(-----BEGIN RSA PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END RSA PRIVATE KEY-----|-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END PRIVATE KEY-----)[\\s\\x22']*$",
        try(
          (
            try(strcontains(lookup(var.github_app, "private_key", ""), "-----BEGIN"), false)
            ? replace(replace(lookup(var.github_app, "private_key", ""), "\\r", ""), "\\n", "\n")
            : try(base64decode(replace(lookup(var.github_app, "private_key", ""), "/\\s+/", "")), "")
          ),
          "",
        ),
      ))
    )
    error_message = "github_app.private_key must be one whole PEM private key, from its BEGIN line to its END line, of the kind RSA PRIVATE KEY or PRIVATE KEY and not encrypted: pass the .pem file that GitHub generated for the App, unchanged."
  }
}

# -----------------------------------------------------------------------------
# GitHub
# -----------------------------------------------------------------------------

variable "allow_fork_pull_requests" {
  type        = bool
  description = "Whether jobs of pull requests from forks of public repositories get a runner: their code is anybody's. -> ALLOW_FORK_PULL_REQUESTS."
  default     = false
  nullable    = false
}

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
    condition = (
      length(var.github_api_url) <= 200 &&
      can(regex(
        "^(https://[A-Za-z0-9.-]+|http://(localhost|127\\.0\\.0\\.1))(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$",
        trimsuffix(var.github_api_url, "/"),
      ))
    )
    error_message = "github_api_url must be an https URL of at most 200 characters without user, query or fragment: write https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server. Plain http is accepted for localhost only."
  }

  validation {
    condition = (
      can(regex("^https://api\\.(github|[a-z0-9-]+\\.ghe)\\.com$", lower(trimsuffix(var.github_api_url, "/")))) ||
      (
        can(regex("^https://.*/api/v3$", lower(trimsuffix(var.github_api_url, "/")))) &&
        !can(regex("^https://([a-z0-9-]+\\.)*(github|ghe)\\.com[:/]", lower(trimsuffix(var.github_api_url, "/"))))
      ) ||
      can(regex("^https?://(localhost|127\\.0\\.0\\.1)([:/]|$)", lower(trimsuffix(var.github_api_url, "/"))))
    )
    error_message = "github_api_url is a web address or has the wrong path, where no REST API answers: write https://api.github.com for github.com, https://api.SUBDOMAIN.ghe.com for GitHub Enterprise Cloud at SUBDOMAIN.ghe.com, or https://HOST/api/v3 for GitHub Enterprise Server."
  }
}

variable "github_app_key_source" {
  type = object({
    ssm_parameter_arn         = optional(string)
    secretsmanager_secret_arn = optional(string)
    kms_signing_key_arn       = optional(string)
    kms_decryption_key_arn    = optional(string)
  })
  description = "Where the App's private key is kept outside of Terraform; set `github_app.private_key = null` with it. Exactly one of: ssm_parameter_arn: SSM SecureString parameter that holds the PEM. secretsmanager_secret_arn: Secrets Manager secret whose text is the PEM. kms_signing_key_arn: RSA key of KMS for SIGN_VERIFY into which the App's key was imported. kms_decryption_key_arn: the customer managed key that encrypts the parameter or secret, if one does. Default (null) uses `github_app.private_key`."
  default     = null

  validation {
    condition = (
      var.github_app_key_source == null ||
      (
        try(
          length(compact([
            var.github_app_key_source.ssm_parameter_arn,
            var.github_app_key_source.secretsmanager_secret_arn,
            var.github_app_key_source.kms_signing_key_arn,
          ])),
          0,
        ) ==
        1
      )
    )
    error_message = "github_app_key_source must name exactly one of ssm_parameter_arn, secretsmanager_secret_arn, kms_signing_key_arn: leave the others out."
  }

  validation {
    condition = (
      try(var.github_app_key_source.ssm_parameter_arn, null) == null ||
      can(regex(
        "^arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]+$",
        var.github_app_key_source.ssm_parameter_arn,
      ))
    )
    error_message = "github_app_key_source.ssm_parameter_arn must be the ARN of an SSM parameter, such as \"arn:aws:ssm:eu-west-1:123456789012:parameter/github-app\": not its name."
  }

  validation {
    condition = (
      try(var.github_app_key_source.secretsmanager_secret_arn, null) == null ||
      can(regex(
        "^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$",
        var.github_app_key_source.secretsmanager_secret_arn,
      ))
    )
    error_message = "github_app_key_source.secretsmanager_secret_arn must be the whole ARN of a secret with the six characters at its end, such as \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-app-AbCdEf\": not its name."
  }

  validation {
    condition = (
      try(var.github_app_key_source.kms_signing_key_arn, null) == null ||
      can(regex(
        "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$",
        var.github_app_key_source.kms_signing_key_arn,
      ))
    )
    error_message = "github_app_key_source.kms_signing_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID: not an alias."
  }

  validation {
    condition = (
      try(var.github_app_key_source.kms_decryption_key_arn, null) == null ||
      can(regex(
        "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$",
        var.github_app_key_source.kms_decryption_key_arn,
      ))
    )
    error_message = "github_app_key_source.kms_decryption_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID: not an alias. Leave it out for the keys aws/ssm and aws/secretsmanager."
  }

  validation {
    condition = (
      try(var.github_app_key_source.kms_decryption_key_arn, null) == null ||
      try(var.github_app_key_source.kms_signing_key_arn, null) == null
    )
    error_message = "github_app_key_source.kms_decryption_key_arn belongs to a parameter or a secret: leave it out with kms_signing_key_arn, which decrypts nothing."
  }
}

variable "github_organization" {
  type        = string
  description = "GitHub org (or user) that owns the runners/webhooks. Used as the github provider `owner` in your root module, and (with empty github_repositories) selects an org-level webhook."
  default     = null

  validation {
    condition = (
      var.github_organization == null ||
      can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$", var.github_organization))
    )
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
    condition = alltrue([
      for repository in var.github_repositories :
      (
        can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}$", repository)) &&
        !can(regex("(?i)(/\\.\\.?|\\.git)$", repository))
      )
    ])
    error_message = "github_repositories must hold entries of the form owner/name, such as my-org/my-repo: no URL, no .git and no wildcard."
  }

  validation {
    condition = (
      length(distinct([for repository in var.github_repositories : lower(repository)])) ==
      length(var.github_repositories)
    )
    error_message = "github_repositories names a repository twice (GitHub ignores case in names): remove the duplicate."
  }

  validation {
    condition     = length(distinct([for repository in var.github_repositories : lower(split("/", repository)[0])])) <= 1
    error_message = "github_repositories must all belong to one owner, the github provider's: use one module call for each owner."
  }

  validation {
    condition = (
      var.github_organization == null
      ? true
      : alltrue([
        for repository in var.github_repositories : lower(split("/", repository)[0]) == lower(var.github_organization)
      ])
    )
    error_message = "github_repositories must belong to github_organization: write entries as <github_organization>/<name>, or leave github_organization out."
  }

  validation {
    condition = (
      length(join(",", [for repository in var.github_repositories : element(split("/", repository), 1)])) <=
      1500
    )
    error_message = "github_repositories is too long: the names without their owner, joined by commas, may take 1500 characters, because a Lambda function's environment is limited to 4 KB. Leave it empty and set github_organization: an organization webhook serves all repositories."
  }
}

variable "manage_webhooks" {
  type        = bool
  description = "If true, Terraform creates the workflow_job webhooks via the github provider (configure it in your root module). If false, wire them up yourself from the webhook_payload_url + webhook_secret outputs."
  default     = true
  nullable    = false
}

variable "runner_group_id" {
  type        = number
  description = "ID of a runner group of the organization to register runners in, which takes the App's organization permission \"Self-hosted runners\". Default (null) registers each runner in its job's repository. -> RUNNER_GROUP_ID."
  default     = null

  validation {
    condition = (
      var.runner_group_id == null ||
      (
        coalesce(var.runner_group_id, 0) >= 1 &&
        coalesce(var.runner_group_id, 0) <= 2147483647 &&
        floor(coalesce(var.runner_group_id, 0)) == coalesce(var.runner_group_id, 0)
      )
    )
    error_message = "runner_group_id must be the number of a runner group, which stands at the end of the URL of the group's settings page; or null, to register each runner in its job's repository."
  }
}

variable "webhook_secret_generation" {
  type        = number
  description = "Generation of the webhook's secret. Raise it by one to rotate: a new secret is made, and the one before stays valid until the next raise."
  default     = 1
  nullable    = false

  validation {
    condition = (
      var.webhook_secret_generation >= 1 &&
      var.webhook_secret_generation <= 1000000 &&
      floor(var.webhook_secret_generation) == var.webhook_secret_generation
    )
    error_message = "webhook_secret_generation must be a whole number from 1 to 1000000: raise it by one to rotate the secret."
  }
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
    condition = (
      length(var.additional_os_capabilities) <= 1 &&
      alltrue([for capability in var.additional_os_capabilities : capability == "ALL"])
    )
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

variable "image_refresh" {
  type = object({
    mode         = optional(string, "auto")
    soak_days    = optional(number, 3)
    max_age_days = optional(number, 60)
    hours_utc    = optional(list(number), [])
    skip_runners = optional(list(string), [])
  })
  description = "How the image is built again by itself, so that GitHub goes on giving jobs to its runner. mode: auto builds; watch only tells what is due, and has no right to build. image_version, runner_version and a dockerfile that does not name runner.env make it a watch. soak_days: how long a release of the runner is seen before it is taken. max_age_days: after so many days the image is built again with newer packages; 0: never for age alone. hours_utc: hours of the day, in UTC, in which nothing urgent may be built; empty: any. skip_runners: releases that are never taken."
  default     = {}
  nullable    = false

  validation {
    condition     = contains(["auto", "watch"], var.image_refresh.mode)
    error_message = "image_refresh.mode must be \"auto\", to build the image again by itself, or \"watch\", to be told only."
  }

  validation {
    condition = (
      var.image_refresh.soak_days >= 0 &&
      var.image_refresh.soak_days <= 7 &&
      floor(var.image_refresh.soak_days) == var.image_refresh.soak_days
    )
    error_message = "image_refresh.soak_days must be a whole number of days from 0 to 7: GitHub wants each release taken within 30."
  }

  validation {
    condition = (
      var.image_refresh.max_age_days == 0 ||
      (
        var.image_refresh.max_age_days >= 7 &&
        var.image_refresh.max_age_days <= 180 &&
        floor(var.image_refresh.max_age_days) == var.image_refresh.max_age_days
      )
    )
    error_message = "image_refresh.max_age_days must be a whole number of days from 7 to 180, or 0 to build for no age alone."
  }

  validation {
    condition = (
      alltrue([for hour in var.image_refresh.hours_utc : hour >= 0 && hour <= 23 && floor(hour) == hour]) &&
      length(distinct(var.image_refresh.hours_utc)) == length(var.image_refresh.hours_utc)
    )
    error_message = "image_refresh.hours_utc must hold hours of the day, each once and each a whole number from 0 to 23, such as [2, 3, 4]; leave it empty for any."
  }

  validation {
    condition     = alltrue([for runner in var.image_refresh.skip_runners : can(regex("^2\\.[0-9]{3}\\.[0-9]{1,3}$", runner))])
    error_message = "image_refresh.skip_runners must hold versions of actions/runner without the v, such as \"2.338.0\"."
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

variable "image_versions_kept" {
  type        = number
  description = "How many of the newest built versions of the runner image are kept. Older ones are deleted once a day, unless they are pinned, in use, or were the latest less than a day ago. -> IMAGE_VERSIONS_KEPT."
  default     = 3
  nullable    = false

  validation {
    condition = (
      var.image_versions_kept >= 1 &&
      var.image_versions_kept <= 40 &&
      floor(var.image_versions_kept) == var.image_versions_kept
    )
    error_message = "image_versions_kept must be a whole number from 1 to 40: the service refuses to build an image that has 50 versions, failed ones included."
  }
}

variable "max_duration_seconds" {
  type        = number
  description = "maximumDurationInSeconds passed to RunMicrovm - the hard cap on one job's runtime, after which the MicroVM is auto-terminated (cost backstop)."
  default     = 1200
  nullable    = false

  validation {
    condition = (
      var.max_duration_seconds >= 60 &&
      var.max_duration_seconds <= 28800 &&
      floor(var.max_duration_seconds) == var.max_duration_seconds
    )
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
    condition     = alltrue([for label in var.required_labels : can(regex("^[ -~]*$", label))])
    error_message = "required_labels must hold labels of ASCII characters: write the label without accents, ligatures and emoji, in runs-on too."
  }

  validation {
    condition     = alltrue([for label in var.required_labels : !can(regex("(?i)-run-[0-9]+(-|$)", label))])
    error_message = "required_labels must hold no label with -run- and a number in it, such as microvm-run-1: that is how a job asks for a runner of its own run. Name it otherwise."
  }

  validation {
    condition     = !contains([for label in var.required_labels : lower(label)], "x64")
    error_message = "required_labels must not hold x64, which GitHub gives to runners of another architecture: MicroVMs are arm64, and a job that asks for x64 would fail in one. Write arm64, or leave the architecture out."
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
    condition = (
      length(setsubtract(
        [for label in var.required_labels : lower(label)],
        [for label in var.runner_labels : lower(label)],
      )) ==
      0
    )
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
    condition     = alltrue([for label in var.runner_labels : can(regex("^[ -~]*$", label))])
    error_message = "runner_labels must hold labels of ASCII characters: write the label without accents, ligatures and emoji, in runs-on too."
  }

  validation {
    condition     = alltrue([for label in var.runner_labels : !can(regex("(?i)-run-[0-9]+(-|$)", label))])
    error_message = "runner_labels must hold no label with -run- and a number in it, such as microvm-run-1: that is how a job asks for a runner of its own run. Name it otherwise."
  }

  validation {
    condition     = !contains([for label in var.runner_labels : lower(label)], "x64")
    error_message = "runner_labels must not hold x64, which GitHub gives to runners of another architecture: MicroVMs are arm64, and a job that asks for x64 would fail in one. Write arm64, or leave the architecture out."
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
# Customisation of the image
# -----------------------------------------------------------------------------

variable "dockerfile" {
  type        = string
  description = "Text of a Dockerfile of your own, such as file(\"Dockerfile\"), in place of the module's (image/Dockerfile is a good start). supervisor.cjs and runner.env (the runner's version and checksum) are added to its build context. Default (null) takes the module's."
  default     = null

  validation {
    condition     = var.dockerfile == null || can(regex("(?im)^[ \\t]*FROM\\s+\\S", var.dockerfile))
    error_message = "dockerfile must hold the text of a Dockerfile, with a FROM instruction: write file(\"Dockerfile\"), not the path alone."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      can(regex(
        "(?im)^[ \\t]*COPY\\s+(--\\S+\\s+)*supervisor\\.cjs\\s+/opt/supervisor/supervisor\\.cjs\\s*$",
        var.dockerfile,
      ))
    )
    error_message = "dockerfile must copy the supervisor, which the module adds to the build context: COPY supervisor.cjs /opt/supervisor/supervisor.cjs."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      can(regex("(?im)^[ \\t]*EXPOSE\\s+([^#\\n]*\\s)?9000(/tcp)?(\\s|$)", var.dockerfile))
    )
    error_message = "dockerfile must have EXPOSE 9000, the port on which Lambda MicroVMs reaches the supervisor."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      (
        can(regex(
          "^\\[\\s*\\x22/opt/actions-runner/externals/node24/bin/node\\x22\\s*,\\s*\\x22/opt/supervisor/supervisor\\.cjs\\x22\\s*\\]\\s*$",
          try(reverse(regexall("(?im)^[ \\t]*CMD\\s+(.*)$", var.dockerfile))[0][0], ""),
        )) &&
        !can(regex("(?im)^[ \\t]*ENTRYPOINT\\s", var.dockerfile))
      )
    )
    error_message = "dockerfile must start the supervisor, with no ENTRYPOINT before it: CMD [\"/opt/actions-runner/externals/node24/bin/node\", \"/opt/supervisor/supervisor.cjs\"]."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      contains(
        ["", "root", "0", "root:root", "0:0"],
        try(reverse(regexall("(?im)^[ \\t]*USER\\s+(\\S+)", var.dockerfile))[0][0], ""),
      )
    )
    error_message = "dockerfile must not end under another USER than root: the supervisor has to be root to start Docker and to give the runner an account of its own. Add USER root before CMD."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      (
        can(regex("(useradd|adduser)\\s[^&;|]*\\brunner\\b|GHA_RUNNER_USER[= ]", var.dockerfile)) &&
        !can(regex("GHA_RUNNER_USER[= ]\\s*\\x22?(root|0|\\(same\\))", var.dockerfile))
      )
    )
    error_message = "dockerfile must make the account that jobs run as, runner (useradd runner), or name another in ENV GHA_RUNNER_USER; jobs do not run as root."
  }

  validation {
    condition     = var.dockerfile == null || !can(regex("(?im)^[ \\t]*ADD\\s+(--\\S+\\s+)*https?://", var.dockerfile))
    error_message = "dockerfile must not ADD a URL, of which nobody checks what it brings: download with RUN curl, and compare with sha256sum --check."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      !can(regex(
        "--platform=\\S*(amd64|x86_64|386)",
        try(reverse(regexall("(?im)^[ \\t]*FROM\\s+(.*)$", var.dockerfile))[0][0], ""),
      ))
    )
    error_message = "dockerfile must not end in a stage of another architecture: MicroVMs are arm64. Leave --platform out of the last FROM, or write --platform=linux/arm64."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      (
        can(regex("<<|(?im)^#[ \\t]*escape[ \\t]*=", var.dockerfile)) ||
        try(
          alltrue(flatten([
            for copy in regexall(
              "(?im)^[ \\t]*COPY[ \\t]+([^\\n]*\\S)[ \\t]+[^ \\t\\n]+[ \\t\\r]*$",
              replace(var.dockerfile, "/\\\\[ \\t]*\\r?\\n/", " "),
            ) :
            [
              for source in regexall("\\S+", copy[0]) :
              (
                !can(regex("^[A-Za-z0-9_.][A-Za-z0-9_./-]*$", source)) ||
                can(regex("^\\.?$|(^|/)\\.\\.(/|$)", trimsuffix(trimprefix(source, "./"), "/"))) ||
                contains(
                  concat(keys(var.extra_build_files), ["Dockerfile", "runner.env", "supervisor.cjs"]),
                  trimsuffix(trimprefix(source, "./"), "/"),
                ) ||
                anytrue([
                  for file in concat(keys(var.extra_build_files), ["Dockerfile", "runner.env", "supervisor.cjs"]) :
                  startswith(file, "${trimsuffix(trimprefix(source, "./"), "/")}/")
                ])
              )
            ] if !strcontains(copy[0], "--from")
          ])),
          true,
        )
      )
    )
    error_message = "dockerfile must COPY only what is in its build context: supervisor.cjs, runner.env and the paths of extra_build_files. Add the file to extra_build_files, or mend its path in COPY."
  }

  validation {
    condition = (
      var.dockerfile == null ||
      !can(regex(
        "((^|[^A-Za-z0-9/+_-])(gh[opsu]_[A-Za-z0-9]{36,})([^A-Za-z0-9/+=_-]|$))|(gh[opsu]_[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]+)|((^|[^A-Za-z0-9/+_-])(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])(npm_[A-Za-z0-9]{36})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])((AKIA|ASIA)[A-Z0-9]{16})([^A-Za-z0-9/+=_-]|$))|(-----BEGIN ([A-Z]+ )*PRIVATE KEY-----)|([A-Za-z][A-Za-z0-9+.-]*://[^\\s/:@]+:[^\\s/@$]+@)",
        var.dockerfile,
      ))
    )
    error_message = "dockerfile has a secret in it (a GitHub or npm token, an AWS access key id, a private key, or a URL with a password (scheme://user:password@)), which would stay in the image and in Terraform's state: fetch what needs one in a job."
  }

  validation {
    condition     = var.dockerfile == null || length(var.extra_packages) + length(var.setup_commands) == 0
    error_message = "dockerfile leaves no place for extra_packages and setup_commands: write their steps into the Dockerfile, or leave dockerfile null."
  }
}

variable "egress_network_connector_arn" {
  type        = string
  description = "ARN of the network connector through which jobs reach the network, such as one into a VPC. The image is built over the internet all the same. Default (null) is the connector INTERNET_EGRESS that AWS manages."
  default     = null

  validation {
    condition = (
      var.egress_network_connector_arn == null ||
      (
        can(regex(
          "^arn:aws[a-z-]*:lambda:[a-z0-9-]+:([0-9]{12}|aws):network-connector:[A-Za-z0-9_:./-]+$",
          var.egress_network_connector_arn,
        )) &&
        !can(regex("_INGRESS$", var.egress_network_connector_arn))
      )
    )
    error_message = "egress_network_connector_arn must be the whole ARN of a network connector for egress, arn:aws:lambda:<region>:<account>:network-connector:<name>, or null for INTERNET_EGRESS."
  }
}

variable "extra_build_files" {
  type        = map(string)
  description = "Extra files of the image's build context, text by path. The module's Dockerfile copies them below /opt/build-files, before setup_commands run. They are not executable: run a script as `bash /opt/build-files/setup.sh`. Never a secret."
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for path in keys(var.extra_build_files) :
      length(path) <= 200 && can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$", path))
    ])
    error_message = "extra_build_files must have relative paths of at most 200 letters, digits, _ . and -, in which no part begins with a dot or a hyphen, such as certificates/ca.pem."
  }

  validation {
    condition = alltrue([
      for path in keys(var.extra_build_files) : !contains(["dockerfile", "runner.env", "supervisor.cjs"], lower(path))
    ])
    error_message = "extra_build_files must not hold Dockerfile, runner.env or supervisor.cjs, which the module writes: for a Dockerfile of your own, set dockerfile."
  }

  validation {
    condition = alltrue([
      for file in concat(keys(var.extra_build_files), ["Dockerfile", "runner.env", "supervisor.cjs"]) :
      !anytrue([for path in keys(var.extra_build_files) : startswith(path, format("%s/", file))])
    ])
    error_message = "extra_build_files has a file below the path of another, such as a and a/b, and one path is no file and folder at once: rename one."
  }

  validation {
    condition = (
      length(var.extra_build_files) <= 50 &&
      alltrue([for text in values(var.extra_build_files) : text != null]) &&
      try(sum([for text in values(var.extra_build_files) : length(text)]), 0) <= 1000000
    )
    error_message = "extra_build_files must have at most 50 files, none of them null, of 1000000 characters together: they are kept in Terraform's state. Download what is larger in setup_commands."
  }
}

variable "extra_packages" {
  type        = list(string)
  description = "Names of packages of Amazon Linux 2023 that are installed into the image by dnf, such as [\"ruby3.2\", \"postgresql15\"]."
  default     = []
  nullable    = false

  validation {
    condition = (
      length(var.extra_packages) <= 200 &&
      alltrue([for package in var.extra_packages : can(regex("^[A-Za-z0-9][A-Za-z0-9._+~^:-]{0,127}$", package))])
    )
    error_message = "extra_packages must hold at most 200 names of packages, of letters, digits and . _ + ~ ^ : -, without options and spaces: one package for each entry."
  }

  validation {
    condition     = length(setintersection(var.extra_packages, ["coreutils", "curl", "openssl-libs"])) == 0
    error_message = "extra_packages must not hold coreutils, curl, openssl-libs: the base image has smaller packages in their place, with the same commands, and dnf would stop at the conflict."
  }
}

variable "runner_environment" {
  type        = map(string)
  description = "Extra environment variables of the image, which every job sees. Never a secret: every job, and whoever may read the image, can read them. Values that differ between jobs belong into the workflow."
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.runner_environment) <= 40
    error_message = "runner_environment must have at most 40 entries: an image takes 50 variables, and the rest is kept for the module's own."
  }

  validation {
    condition     = alltrue([for name in keys(var.runner_environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]{0,255}$", name))])
    error_message = "runner_environment must have names of 1 to 256 letters, digits and underscores that do not begin with a digit, as a shell has them."
  }

  validation {
    condition     = alltrue([for name in keys(var.runner_environment) : !can(regex("^(?i)(AWS_|GHA_|ACTIONS_|RUNNER_|GITHUB_)", name))])
    error_message = "runner_environment must not set names that begin with AWS_, GHA_, ACTIONS_, RUNNER_, GITHUB_: AWS, the runner and GitHub keep them for themselves. Choose another name."
  }

  validation {
    condition = alltrue([
      for name in keys(var.runner_environment) : !contains(["PATH", "HOME", "LD_PRELOAD", "NODE_OPTIONS"], name)
    ])
    error_message = "runner_environment must not set PATH, HOME, LD_PRELOAD, NODE_OPTIONS, which the supervisor and the runner depend on: write to the file that GITHUB_PATH names in a job, or use ENV in a Dockerfile of your own."
  }

  validation {
    condition = alltrue([
      for name in keys(var.runner_environment) :
      !can(regex("(?i)(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|PRIVATE_KEY|API_KEY|ACCESS_KEY)", name))
    ])
    error_message = "runner_environment has a name that looks like a secret's (TOKEN, SECRET, PASSWORD, PASSWD, CREDENTIAL, PRIVATE_KEY, API_KEY, ACCESS_KEY). An image's environment is readable by every job and by whoever may read the image: pass secrets to the jobs that need them, as GitHub Actions secrets or through OIDC."
  }

  validation {
    condition = alltrue([
      for value in values(var.runner_environment) :
      value == null ? false : length(value) <= 4096 && !can(regex("[$][{]", value))
    ])
    error_message = "runner_environment must have values of at most 4096 characters, none of them null or with a dollar sign before a brace, which nothing would expand: write the value out."
  }

  validation {
    condition = alltrue([
      for value in values(var.runner_environment) : !can(regex("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]", value))
    ])
    error_message = "runner_environment has a value with a control character in it, such as NUL, which a process cannot be given: leave it out."
  }

  validation {
    condition = alltrue([
      for value in values(var.runner_environment) :
      try(
        !can(regex(
          "((^|[^A-Za-z0-9/+_-])(gh[opsu]_[A-Za-z0-9]{36,})([^A-Za-z0-9/+=_-]|$))|(gh[opsu]_[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]+)|((^|[^A-Za-z0-9/+_-])(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])(npm_[A-Za-z0-9]{36})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])((AKIA|ASIA)[A-Z0-9]{16})([^A-Za-z0-9/+=_-]|$))|(-----BEGIN ([A-Z]+ )*PRIVATE KEY-----)|([A-Za-z][A-Za-z0-9+.-]*://[^\\s/:@]+:[^\\s/@$]+@)",
          value,
        )),
        true,
      )
    ])
    error_message = "runner_environment has a value with a secret in it (a GitHub or npm token, an AWS access key id, a private key, or a URL with a password (scheme://user:password@)). Every job, and whoever may read the image, can read it: pass secrets to the jobs that need them, as GitHub Actions secrets or through OIDC."
  }

  validation {
    condition     = length(var.additional_os_capabilities) > 0 || length(jsonencode(var.runner_environment)) <= 24000
    error_message = "runner_environment is too large for an image without capabilities (additional_os_capabilities = []), which a CloudFormation template of at most 51,200 characters describes: names and values may take 24000 characters together. Shorten them, or write a file into the image instead."
  }
}

variable "setup_commands" {
  type        = list(string)
  description = "Commands that bash runs as root, in this order, while the image is built: after extra_packages, each ending the build when it fails. Never a secret: they stay in the image and in Terraform's state."
  default     = []
  nullable    = false

  validation {
    condition = (
      length(var.setup_commands) <= 50 &&
      alltrue([
        for command in var.setup_commands : try(length(trimspace(command)) > 0 && length(command) <= 4096, false)
      ])
    )
    error_message = "setup_commands must hold at most 50 commands of 1 to 4096 characters, none of them empty: put a longer script into extra_build_files."
  }

  validation {
    condition     = alltrue([for command in var.setup_commands : !can(regex("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]", command))])
    error_message = "setup_commands has a command with a control character in it, such as NUL, which bash leaves out: let printf write it, as in printf '\\033'."
  }

  validation {
    condition = alltrue([
      for command in var.setup_commands :
      try(
        !(
          can(regex("(?m)(^|[;&|(])\\s*(sudo\\s+(-\\S+\\s+)*)?([A-Z_]+=\\S*\\s+)*(/usr/bin/)?apt(-get)?\\s", command)) &&
          !can(regex("\\|\\||\\b(command -v|which|type|hash)\\s|(^|[;&|]\\s*)(if|test|\\[)\\s", command))
        ),
        true,
      )
    ])
    error_message = "setup_commands must not run apt or apt-get, which Amazon Linux does not have: name packages of Amazon Linux 2023 in extra_packages, or run dnf install -y."
  }

  validation {
    condition = alltrue([
      for command in var.setup_commands :
      try(
        !can(regex(
          "((^|[^A-Za-z0-9/+_-])(gh[opsu]_[A-Za-z0-9]{36,})([^A-Za-z0-9/+=_-]|$))|(gh[opsu]_[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]+)|((^|[^A-Za-z0-9/+_-])(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])(npm_[A-Za-z0-9]{36})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])((AKIA|ASIA)[A-Z0-9]{16})([^A-Za-z0-9/+=_-]|$))|(-----BEGIN ([A-Z]+ )*PRIVATE KEY-----)|([A-Za-z][A-Za-z0-9+.-]*://[^\\s/:@]+:[^\\s/@$]+@)",
          command,
        )),
        true,
      )
    ])
    error_message = "setup_commands has a command with a secret in it (a GitHub or npm token, an AWS access key id, a private key, or a URL with a password (scheme://user:password@)), which would stay in the image and in Terraform's state: fetch what needs one in a job, or build the image from a registry of your own."
  }
}

# -----------------------------------------------------------------------------
# Docker in the image
# -----------------------------------------------------------------------------

variable "docker_images" {
  type        = list(string)
  description = "Container images that are pulled while the image is built, so that every MicroVM has them from its start, such as [\"postgres:17\"]: public ones, for linux/arm64. A build whose pull fails leaves the version before in use. Needs additional_os_capabilities = [\"ALL\"]."
  default     = []
  nullable    = false

  validation {
    condition = (
      length(var.docker_images) <= 20 &&
      length(distinct(var.docker_images)) == length(var.docker_images) &&
      alltrue([
        for image in var.docker_images :
        (
          length(image) <= 200 &&
          can(regex(
            "^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$",
            image,
          )) &&
          can(regex("(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$", image))
        )
      ])
    )
    error_message = "docker_images must hold at most 20 images, each of them once and with a tag or digest, such as postgres:17 or ghcr.io/acme/tools@sha256:...: without one, what is pulled depends on the day."
  }

  validation {
    condition     = length(var.docker_images) == 0 || contains(var.additional_os_capabilities, "ALL")
    error_message = "docker_images needs Docker in the image: set additional_os_capabilities = [\"ALL\"], or leave docker_images empty."
  }
}

variable "docker_registry_mirrors" {
  type        = list(string)
  description = "Mirrors of Docker Hub that dockerd and buildx ask first, each as https address, such as that of mirror.gcr.io, which asks for no login: Docker Hub limits pulls by address, and jobs share theirs. Empty => Docker Hub."
  default     = []
  nullable    = false

  validation {
    condition = (
      length(var.docker_registry_mirrors) <= 5 &&
      length(distinct(var.docker_registry_mirrors)) == length(var.docker_registry_mirrors) &&
      alltrue([
        for mirror in var.docker_registry_mirrors :
        can(regex("^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$", mirror))
      ])
    )
    error_message = "docker_registry_mirrors must hold at most 5 addresses, each of them once, of the form https://host or https://host:port: without user, path, query or a slash at the end."
  }
}

# -----------------------------------------------------------------------------
# Actions runner
# -----------------------------------------------------------------------------

variable "runner_sha256" {
  type        = string
  description = "SHA-256 of actions-runner-linux-arm64-<runner_version>.tar.gz, from that version's release notes, for a runner_version that the module does not know. Default (null) takes the module's."
  default     = null

  validation {
    condition     = var.runner_sha256 == null || can(regex("^[0-9a-f]{64}$", var.runner_sha256))
    error_message = "runner_sha256 must be 64 hexadecimal digits in lower case, as the release notes of actions/runner have them for linux-arm64."
  }
}

variable "runner_version" {
  type        = string
  description = "Version of the Actions runner in the image. Known with their checksums: 2.338.0, 2.337.0; any other needs runner_sha256. Default (null) is 2.338.0."
  default     = null

  validation {
    condition = (
      var.runner_version == null ||
      can(regex("^2\\.(329|3[3-9][0-9]|[4-9][0-9]{2})\\.[0-9]{1,3}$", var.runner_version))
    )
    error_message = "runner_version must be a release of actions/runner without the v, 2.329.0 or later (GitHub registers no older one), such as \"2.338.0\"."
  }

  validation {
    condition = (
      var.runner_version == null ||
      var.runner_sha256 != null ||
      contains(
        keys({
          "2.338.0" = "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b"
          "2.337.0" = "9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393"
        }),
        coalesce(var.runner_version, "none"),
      )
    )
    error_message = "runner_version must be one whose checksum the module knows: 2.338.0, 2.337.0. For another, add runner_sha256 from its release notes; a newer version of the module knows newer ones."
  }

  validation {
    condition     = var.runner_sha256 == null || var.runner_version != null
    error_message = "runner_version must be set beside runner_sha256, which is its checksum: set both, or leave both null for the version that comes with the module."
  }

  validation {
    condition = (
      var.runner_sha256 == null ||
      var.runner_version == null ||
      (
        lookup(
          {
            "2.338.0" = "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b"
            "2.337.0" = "9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393"
          },
          coalesce(var.runner_version, "none"),
          var.runner_sha256,
        ) ==
        var.runner_sha256
      )
    )
    error_message = "runner_version has another published checksum than runner_sha256, and the module knows it: leave runner_sha256 null."
  }

  validation {
    condition     = var.runner_version == null || var.dockerfile == null
    error_message = "runner_version is the version in the module's Dockerfile, which dockerfile replaces: write the version into the Dockerfile, or leave dockerfile null."
  }
}

# -----------------------------------------------------------------------------
# Classes of runners
# -----------------------------------------------------------------------------

variable "runner_classes" {
  type = map(object({
    additional_os_capabilities   = optional(list(string))
    allow_fork_pull_requests     = optional(bool)
    egress_network_connector_arn = optional(string)
    image = optional(object({
      docker_images           = optional(list(string), [])
      docker_registry_mirrors = optional(list(string), [])
      dockerfile              = optional(string)
      extra_build_files       = optional(map(string), {})
      extra_packages          = optional(list(string), [])
      runner_sha256           = optional(string)
      runner_version          = optional(string)
      setup_commands          = optional(list(string), [])
    }))
    image_version        = optional(string)
    max_concurrency      = optional(number, 0)
    max_duration_seconds = optional(number)
    repositories         = optional(list(string), [])
    required_labels      = optional(list(string))
    runner_environment   = optional(map(string))
    runner_group_id      = optional(number)
    runner_labels        = optional(list(string))
    runner_memory_mib    = optional(number)
  }))
  description = "Further classes of runners, by name, beside the class default, which the other inputs describe: jobs choose one by its labels. What a class leaves out is as that input has it; what it sets replaces the input whole. Labels left out: the inputs' own, \"-<class>\" behind each of required_labels but self-hosted, linux and arm64. repositories: owner/name of those that may use it; empty: all that are served. max_concurrency: below the module's own, which stays the total. runner_memory_mib, additional_os_capabilities, runner_environment or image: an image of its own, else it shares the default's; what image leaves out is as the module has it by default. allow_fork_pull_requests left out: false with an egress_network_connector_arn."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for class in values(var.runner_classes) : class != null])
    error_message = "runner_classes has a class that is null: write {} for one that is as the inputs are but for its labels, or leave it out."
  }

  validation {
    condition = alltrue([
      for name in keys(var.runner_classes) : can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", name)) && name != "default"
    ])
    error_message = "runner_classes must have names of 2 to 20 lower-case letters, digits and hyphens that begin with a letter and do not end with a hyphen, none of them default, which is the class of the other inputs."
  }
}

# -----------------------------------------------------------------------------
# Dispatcher
# -----------------------------------------------------------------------------

variable "dispatcher_concurrency" {
  type        = number
  description = "Most invocations of the dispatcher at once. A new AWS account allows 10 invocations of all functions together, of which the default leaves half to the webhook."
  default     = 5
  nullable    = false

  validation {
    condition = (
      var.dispatcher_concurrency >= 2 &&
      var.dispatcher_concurrency <= 1000 &&
      floor(var.dispatcher_concurrency) == var.dispatcher_concurrency
    )
    error_message = "dispatcher_concurrency must be a whole number from 2 to 1000: the bounds of an event source mapping's maximum concurrency."
  }
}

variable "dispatcher_memory_size" {
  type        = number
  description = "Dispatcher Lambda memory (MB)."
  default     = 256
  nullable    = false

  validation {
    condition = (
      var.dispatcher_memory_size >= 128 &&
      var.dispatcher_memory_size <= 10240 &&
      floor(var.dispatcher_memory_size) == var.dispatcher_memory_size
    )
    error_message = "dispatcher_memory_size must be a whole number of megabytes from 128 to 10240."
  }
}

variable "dispatcher_timeout" {
  type        = number
  description = "Dispatcher Lambda timeout (seconds)."
  default     = 30
  nullable    = false

  validation {
    condition = (
      var.dispatcher_timeout >= 10 &&
      var.dispatcher_timeout <= 900 &&
      floor(var.dispatcher_timeout) == var.dispatcher_timeout
    )
    error_message = "dispatcher_timeout must be a whole number of seconds from 10 to 900: a launch makes several calls to GitHub and AWS, and Lambda ends a function after 900."
  }
}

variable "max_concurrency" {
  type        = number
  description = "Most MicroVMs that run at the same time; jobs above it wait until one is free. 0 sets no bound but the account's quota. -> MAX_CONCURRENCY."
  default     = 0
  nullable    = false

  validation {
    condition = (
      var.max_concurrency >= 0 &&
      var.max_concurrency <= 2000 &&
      floor(var.max_concurrency) == var.max_concurrency
    )
    error_message = "max_concurrency must be a whole number from 0 to 2000: the number of MicroVMs that may run at once, or 0 for as many as the account's quota allows."
  }
}

variable "max_concurrency_per_repository" {
  type        = number
  description = "Most MicroVMs that run at the same time for jobs of one repository, below max_concurrency, which stays the total. 0 sets no such bound. -> MAX_CONCURRENCY_PER_REPOSITORY."
  default     = 0
  nullable    = false

  validation {
    condition = (
      var.max_concurrency_per_repository >= 0 &&
      var.max_concurrency_per_repository <= 2000 &&
      floor(var.max_concurrency_per_repository) == var.max_concurrency_per_repository
    )
    error_message = "max_concurrency_per_repository must be a whole number from 0 to 2000: the number of MicroVMs that may run at once for one repository, or 0 for as many as all may have."
  }
}

# -----------------------------------------------------------------------------
# Monitoring
# -----------------------------------------------------------------------------

variable "alarm_actions" {
  type        = list(string)
  description = "ARNs of what CloudWatch notifies when an alarm of the module is raised or ends, such as an SNS topic. Empty => the alarms can be seen in CloudWatch, but tell nobody."
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && length(distinct(var.alarm_actions)) == length(var.alarm_actions)
    error_message = "alarm_actions must hold at most 5 ARNs, each of them once: CloudWatch takes no more for an alarm."
  }

  validation {
    condition = alltrue([
      for action in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[a-z0-9]*:\\S+$", action))
    ])
    error_message = "alarm_actions must hold whole ARNs, such as arn:aws:sns:eu-west-1:123456789012:alerts, not names."
  }

  validation {
    condition     = alltrue([for action in var.alarm_actions : !can(regex("^arn:aws[a-z-]*:iam:", action))])
    error_message = "alarm_actions must not hold a role, user or policy of IAM, which CloudWatch cannot notify: name an SNS topic, or another action that PutMetricAlarm takes."
  }
}

variable "alarm_wait_minutes" {
  type        = number
  description = "How many minutes jobs wait for want of quota, capacity or an image until the alarms no-room and image-unusable go off."
  default     = 30
  nullable    = false

  validation {
    condition = (
      var.alarm_wait_minutes >= 10 &&
      var.alarm_wait_minutes <= 600 &&
      floor(var.alarm_wait_minutes) == var.alarm_wait_minutes
    )
    error_message = "alarm_wait_minutes must be a whole number from 10 to 600: shorter waits are the moment's, and after half a day another alarm goes off."
  }
}

variable "alarms_left_out" {
  type        = set(string)
  description = "Names of alarms that are not made, of denied, deliveries-failing, no-room, image-unusable, unavailable, github-budget, dispatcher-failing, queue-stuck, launches-wasted, runner-refused, runner-days-left, image-refresh, redeliver-failing, jobs-cut-off, jobs-exhausted, jobs-expiring, dead-letters, prune-failed."
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for name in var.alarms_left_out :
      contains(
        [
          "denied",
          "deliveries-failing",
          "no-room",
          "image-unusable",
          "unavailable",
          "github-budget",
          "dispatcher-failing",
          "queue-stuck",
          "launches-wasted",
          "runner-refused",
          "runner-days-left",
          "image-refresh",
          "redeliver-failing",
          "jobs-cut-off",
          "jobs-exhausted",
          "jobs-expiring",
          "dead-letters",
          "prune-failed",
        ],
        name,
      )
    ])
    error_message = "alarms_left_out must hold names of the module's alarms, without name_prefix: denied, deliveries-failing, no-room, image-unusable, unavailable, github-budget, dispatcher-failing, queue-stuck, launches-wasted, runner-refused, runner-days-left, image-refresh, redeliver-failing, jobs-cut-off, jobs-exhausted, jobs-expiring, dead-letters, prune-failed."
  }
}

variable "alarms_without_actions" {
  type        = bool
  description = "Says that alarm_actions is empty on purpose: a plan warns of it no more."
  default     = false
  nullable    = false
}

variable "dashboard" {
  type        = bool
  description = "Whether there is a dashboard in CloudWatch. An account's first three are free, each further one costs $3 a month."
  default     = true
  nullable    = false
}

variable "paused" {
  type        = bool
  description = "Launches nothing while it is true: jobs wait, what runs is ended as ever. gha-microvm pause does the same without Terraform. -> PAUSED."
  default     = false
  nullable    = false
}

# -----------------------------------------------------------------------------
# General
# -----------------------------------------------------------------------------

variable "artifacts_bucket_name" {
  type        = string
  description = "Override the S3 artifacts bucket name. Default (null) creates one named '<name_prefix>-artifacts-<account_id>'."
  default     = null

  validation {
    condition = (
      var.artifacts_bucket_name == null ||
      can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifacts_bucket_name))
    )
    error_message = "artifacts_bucket_name must have 3 to 63 lower-case letters, digits, dots and hyphens, and begin and end with a letter or digit; or leave it null."
  }

  validation {
    condition = (
      var.artifacts_bucket_name == null ||
      !can(regex(
        "\\.\\.|^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|\\.mrap$|--x-s3$|--table-s3$",
        var.artifacts_bucket_name,
      ))
    )
    error_message = "artifacts_bucket_name is of a form that S3 keeps for itself: no two dots in a row, no IP address, no beginning xn--, sthree- or amzn-s3-demo-, no ending -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3. Choose another name, or leave it null."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of your own KMS key for the parameters with secrets, the queues, the table, the bucket and the logs. Its policy must let CloudWatch Logs use it. Default (null) leaves the encryption to each service's own keys."
  default     = null

  validation {
    condition = (
      var.kms_key_arn == null ||
      can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    )
    error_message = "kms_key_arn must be the whole ARN of a key, arn:aws:kms:<region>:<account>:key/<id>, or null. The ARN of an alias is not enough: IAM policies name keys by their own ARN, and CloudWatch Logs takes no alias."
  }
}

variable "log_retention_days" {
  type        = number
  description = "CloudWatch retention (days) for the dispatcher and runner log groups."
  default     = 14
  nullable    = false

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
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
    error_message = "name_prefix must have 2 to 40 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: it becomes part of S3 bucket names, which end at 63 characters and MicroVM image names, which end at 64 characters."
  }

  validation {
    condition     = !can(regex("^(aws|ssm|xn--|sthree-|amzn-s3-demo-)", var.name_prefix))
    error_message = "name_prefix must not begin with aws or ssm, which SSM refuses in parameter names, nor with xn--, sthree- or amzn-s3-demo-, which S3 refuses in bucket names: choose another prefix, such as gha-microvm."
  }
}

variable "permissions_boundary" {
  type        = string
  description = "ARN of the IAM policy that bounds what every role of the module may do. Default (null) sets no permissions boundary."
  default     = null

  validation {
    condition = (
      var.permissions_boundary == null ||
      can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$", var.permissions_boundary))
    )
    error_message = "permissions_boundary must be the whole ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary, not its name; or leave it null."
  }
}

variable "role_path" {
  type        = string
  description = "Path of every IAM role of the module, such as /ci/runners/. Another path replaces the roles."
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path)) && length(var.role_path) <= 100
    error_message = "role_path must begin and end with a slash, such as /ci/runners/, have letters, digits and _ + = , . @ - between the slashes, and at most 100 characters; write / for none."
  }
}

variable "table_point_in_time_recovery" {
  type        = bool
  description = "Whether DynamoDB keeps the jobs table's past, so that it can be restored as it was at any second."
  default     = false
  nullable    = false
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
    condition = alltrue([
      for key in keys(var.tags) :
      !startswith(lower(key), "aws:") && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key))
    ])
    error_message = "tags must have keys of 1 to 128 letters, digits, spaces and _ . : / = + - @ that do not begin with aws:, which AWS keeps for itself."
  }

  validation {
    condition     = length(distinct([for key in keys(var.tags) : lower(key)])) == length(keys(var.tags))
    error_message = "tags must not have keys that differ in nothing but case, which IAM refuses: keep one of them."
  }

  validation {
    condition     = alltrue([for value in values(var.tags) : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))])
    error_message = "tags must have values of at most 256 letters, digits, spaces and _ . : / = + - @; use an empty string for none, not null."
  }
}

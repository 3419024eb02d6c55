# Generated from src/module/classes.ts: change that, then run `npx projen generate`.

locals {
  # What a class leaves out of its labels is as the inputs have it, with the class's name behind each required label.
  class_required_labels = {
    for name, class in var.runner_classes :
    name => (
      class.required_labels != null
      ? class.required_labels
      : [
        for label in var.required_labels :
        contains(["self-hosted", "linux", "arm64"], lower(label)) ? label : "${label}-${name}"
      ]
    )
  }
  class_runner_labels = {
    for name, class in var.runner_classes :
    name => (
      class.runner_labels != null
      ? class.runner_labels
      : distinct(concat(
        local.class_required_labels[name],
        [
          for label in var.runner_labels : label
          if !contains([for label in var.required_labels : lower(label)], lower(label))
        ],
      ))
    )
  }
  # In lower case, as GitHub compares them.
  class_labels = merge(
    {
      default = {
        required = [for label in var.required_labels : lower(label)]
        runner   = [for label in var.runner_labels : lower(label)]
      }
    },
    {
      for name, class in var.runner_classes :
      name => {
        required = [for label in local.class_required_labels[name] : lower(label)]
        runner   = [for label in local.class_runner_labels[name] : lower(label)]
      }
    },
  )
  class_overlaps = flatten([
    for job_class, jobs in local.class_labels :
    [
      for runner_class, runners in local.class_labels :
      "a job of ${job_class} (required_labels ${join(", ", jobs.required)}) fits a runner of ${runner_class} (runner_labels ${join(", ", runners.runner)})"
      if(
        job_class != runner_class &&
        length(setsubtract(jobs.required, concat(runners.runner, ["self-hosted", "linux", "arm64"]))) == 0
      )
    ]
  ])
  class_problems = compact(flatten([
    for name, class in var.runner_classes :
    [
      (
        length(local.class_required_labels[name]) > 0
        ? ""
        : "runner_classes, class ${name}: required_labels must name at least one label: write the labels that a job's runs-on asks for, such as [\"self-hosted\", \"microvm\"]."
      ),
      (
        alltrue([for label in local.class_required_labels[name] : can(regex("^[^,\\s]+$", label))])
        ? ""
        : "runner_classes, class ${name}: required_labels must hold labels without commas, spaces or line breaks, none of them empty: write one label per entry."
      ),
      (
        alltrue([for label in local.class_required_labels[name] : can(regex("^[ -~]*$", label))])
        ? ""
        : "runner_classes, class ${name}: required_labels must hold labels of ASCII characters: write the label without accents, ligatures and emoji, in runs-on too."
      ),
      (
        alltrue([for label in local.class_required_labels[name] : !can(regex("(?i)-run-[0-9]+(-|$)", label))])
        ? ""
        : "runner_classes, class ${name}: required_labels must hold no label with -run- and a number in it, such as microvm-run-1: that is how a job asks for a runner of its own run. Name it otherwise."
      ),
      (
        (!contains([for label in local.class_required_labels[name] : lower(label)], "x64"))
        ? ""
        : "runner_classes, class ${name}: required_labels must not hold x64, which GitHub gives to runners of another architecture: MicroVMs are arm64, and a job that asks for x64 would fail in one. Write arm64, or leave the architecture out."
      ),
      (
        (
          length(distinct([for label in local.class_required_labels[name] : lower(label)])) ==
          length(local.class_required_labels[name])
        )
        ? ""
        : "runner_classes, class ${name}: required_labels names a label twice (GitHub ignores case in labels): remove the duplicate."
      ),
      (
        length(join(",", local.class_required_labels[name])) <= 450
        ? ""
        : "runner_classes, class ${name}: required_labels is too long: joined by commas the labels may take 450 characters, because a Lambda function's environment is limited to 4 KB. Use fewer or shorter labels."
      ),
      (
        (
          length(setsubtract(
            [for label in local.class_required_labels[name] : lower(label)],
            [for label in local.class_runner_labels[name] : lower(label)],
          )) ==
          0
        )
        ? ""
        : "runner_classes, class ${name}: required_labels must all be in runner_labels, or no runner could ever take the job: add the missing labels to runner_labels, or remove them here."
      ),
      (
        length(local.class_runner_labels[name]) > 0
        ? ""
        : "runner_classes, class ${name}: runner_labels must name at least one label: write the labels that a job's runs-on asks for, such as [\"self-hosted\", \"microvm\"]."
      ),
      (
        alltrue([for label in local.class_runner_labels[name] : can(regex("^[^,\\s]+$", label))])
        ? ""
        : "runner_classes, class ${name}: runner_labels must hold labels without commas, spaces or line breaks, none of them empty: write one label per entry."
      ),
      (
        alltrue([for label in local.class_runner_labels[name] : can(regex("^[ -~]*$", label))])
        ? ""
        : "runner_classes, class ${name}: runner_labels must hold labels of ASCII characters: write the label without accents, ligatures and emoji, in runs-on too."
      ),
      (
        alltrue([for label in local.class_runner_labels[name] : !can(regex("(?i)-run-[0-9]+(-|$)", label))])
        ? ""
        : "runner_classes, class ${name}: runner_labels must hold no label with -run- and a number in it, such as microvm-run-1: that is how a job asks for a runner of its own run. Name it otherwise."
      ),
      (
        (!contains([for label in local.class_runner_labels[name] : lower(label)], "x64"))
        ? ""
        : "runner_classes, class ${name}: runner_labels must not hold x64, which GitHub gives to runners of another architecture: MicroVMs are arm64, and a job that asks for x64 would fail in one. Write arm64, or leave the architecture out."
      ),
      (
        (
          length(distinct([for label in local.class_runner_labels[name] : lower(label)])) ==
          length(local.class_runner_labels[name])
        )
        ? ""
        : "runner_classes, class ${name}: runner_labels names a label twice (GitHub ignores case in labels): remove the duplicate."
      ),
      (
        length(join(",", local.class_runner_labels[name])) <= 450
        ? ""
        : "runner_classes, class ${name}: runner_labels is too long: joined by commas the labels may take 450 characters, because a Lambda function's environment is limited to 4 KB. Use fewer or shorter labels."
      ),
      (
        (
          class.additional_os_capabilities == null
          ? true
          : (
            (
              length(
                (
                  class.additional_os_capabilities == null
                  ? var.additional_os_capabilities
                  : class.additional_os_capabilities
                ),
              ) <=
              1
            ) &&
            alltrue([
              for capability in(
                class.additional_os_capabilities == null
                ? var.additional_os_capabilities
                : class.additional_os_capabilities
              ) : capability == "ALL"
            ])
          )
        )
        ? ""
        : "runner_classes, class ${name}: additional_os_capabilities must be [\"ALL\"] (for Docker and services: jobs) or []: Lambda MicroVMs knows no other capability."
      ),
      (
        (
          class.egress_network_connector_arn == null
          ? true
          : (
            (
              (
                class.egress_network_connector_arn == null
                ? var.egress_network_connector_arn
                : class.egress_network_connector_arn
              ) ==
              null
            ) ||
            (
              can(regex(
                "^arn:aws[a-z-]*:lambda:[a-z0-9-]+:([0-9]{12}|aws):network-connector:[A-Za-z0-9_:./-]+$",
                (
                  class.egress_network_connector_arn == null
                  ? var.egress_network_connector_arn
                  : class.egress_network_connector_arn
                ),
              )) &&
              !can(regex(
                "_INGRESS$",
                (
                  class.egress_network_connector_arn == null
                  ? var.egress_network_connector_arn
                  : class.egress_network_connector_arn
                ),
              ))
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: egress_network_connector_arn must be the whole ARN of a network connector for egress, arn:aws:lambda:<region>:<account>:network-connector:<name>, or null for INTERNET_EGRESS."
      ),
      (
        (
          class.image_version == null
          ? true
          : (
            (class.image_version == null ? var.image_version : class.image_version) == null ||
            can(regex("^[1-9][0-9]{0,8}\\.0$", class.image_version == null ? var.image_version : class.image_version))
          )
        )
        ? ""
        : "runner_classes, class ${name}: image_version must be a version of the runner image as the image_version output shows it, such as \"3.0\", or null for the latest active one."
      ),
      (
        (
          class.max_duration_seconds == null
          ? true
          : (
            (class.max_duration_seconds == null ? var.max_duration_seconds : class.max_duration_seconds) >= 60 &&
            (class.max_duration_seconds == null ? var.max_duration_seconds : class.max_duration_seconds) <= 28800 &&
            (
              floor(class.max_duration_seconds == null ? var.max_duration_seconds : class.max_duration_seconds) ==
              (class.max_duration_seconds == null ? var.max_duration_seconds : class.max_duration_seconds)
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: max_duration_seconds must be a whole number from 60 to 28800 (8 hours, the longest life of a MicroVM)."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : length(class.runner_environment == null ? var.runner_environment : class.runner_environment) <= 40
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment must have at most 40 entries: an image takes 50 variables, and the rest is kept for the module's own."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : alltrue([
            for name in keys(class.runner_environment == null ? var.runner_environment : class.runner_environment) :
            can(regex("^[A-Za-z_][A-Za-z0-9_]{0,255}$", name))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment must have names of 1 to 256 letters, digits and underscores that do not begin with a digit, as a shell has them."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : alltrue([
            for name in keys(class.runner_environment == null ? var.runner_environment : class.runner_environment) :
            !can(regex("^(?i)(AWS_|GHA_|ACTIONS_|RUNNER_|GITHUB_)", name))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment must not set names that begin with AWS_, GHA_, ACTIONS_, RUNNER_, GITHUB_: AWS, the runner and GitHub keep them for themselves. Choose another name."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : alltrue([
            for name in keys(class.runner_environment == null ? var.runner_environment : class.runner_environment) :
            !contains(["PATH", "HOME", "LD_PRELOAD", "NODE_OPTIONS"], name)
          ])
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment must not set PATH, HOME, LD_PRELOAD, NODE_OPTIONS, which the supervisor and the runner depend on: write to the file that GITHUB_PATH names in a job, or use ENV in a Dockerfile of your own."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : alltrue([
            for name in keys(class.runner_environment == null ? var.runner_environment : class.runner_environment) :
            !can(regex("(?i)(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|PRIVATE_KEY|API_KEY|ACCESS_KEY)", name))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment has a name that looks like a secret's (TOKEN, SECRET, PASSWORD, PASSWD, CREDENTIAL, PRIVATE_KEY, API_KEY, ACCESS_KEY). An image's environment is readable by every job and by whoever may read the image: pass secrets to the jobs that need them, as GitHub Actions secrets or through OIDC."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : alltrue([
            for value in values(class.runner_environment == null ? var.runner_environment : class.runner_environment) :
            value == null ? false : length(value) <= 4096 && !can(regex("[$][{]", value))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment must have values of at most 4096 characters, none of them null or with a dollar sign before a brace, which nothing would expand: write the value out."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : alltrue([
            for value in values(class.runner_environment == null ? var.runner_environment : class.runner_environment) :
            !can(regex("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]", value))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment has a value with a control character in it, such as NUL, which a process cannot be given: leave it out."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : alltrue([
            for value in values(class.runner_environment == null ? var.runner_environment : class.runner_environment) :
            try(
              !can(regex(
                "((^|[^A-Za-z0-9/+_-])(gh[opsu]_[A-Za-z0-9]{36,})([^A-Za-z0-9/+=_-]|$))|(gh[opsu]_[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]+)|((^|[^A-Za-z0-9/+_-])(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])(npm_[A-Za-z0-9]{36})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])((AKIA|ASIA)[A-Z0-9]{16})([^A-Za-z0-9/+=_-]|$))|(-----BEGIN ([A-Z]+ )*PRIVATE KEY-----)|([A-Za-z][A-Za-z0-9+.-]*://[^\\s/:@]+:[^\\s/@$]+@)",
                value,
              )),
              true,
            )
          ])
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment has a value with a secret in it (a GitHub or npm token, an AWS access key id, a private key, or a URL with a password (scheme://user:password@)). Every job, and whoever may read the image, can read it: pass secrets to the jobs that need them, as GitHub Actions secrets or through OIDC."
      ),
      (
        (
          class.runner_environment == null
          ? true
          : (
            (
              length(
                (
                  class.additional_os_capabilities == null
                  ? var.additional_os_capabilities
                  : class.additional_os_capabilities
                ),
              ) >
              0
            ) ||
            (
              length(jsonencode(class.runner_environment == null ? var.runner_environment : class.runner_environment)) <=
              24000
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: runner_environment is too large for an image without capabilities (additional_os_capabilities = []), which a CloudFormation template of at most 51,200 characters describes: names and values may take 24000 characters together. Shorten them, or write a file into the image instead."
      ),
      (
        (
          class.runner_group_id == null
          ? true
          : (
            (class.runner_group_id == null ? var.runner_group_id : class.runner_group_id) == null ||
            (
              coalesce(class.runner_group_id == null ? var.runner_group_id : class.runner_group_id, 0) >= 1 &&
              coalesce(class.runner_group_id == null ? var.runner_group_id : class.runner_group_id, 0) <= 2147483647 &&
              (
                floor(coalesce(class.runner_group_id == null ? var.runner_group_id : class.runner_group_id, 0)) ==
                coalesce(class.runner_group_id == null ? var.runner_group_id : class.runner_group_id, 0)
              )
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: runner_group_id must be the number of a runner group, which stands at the end of the URL of the group's settings page; or null, to register each runner in its job's repository."
      ),
      (
        (
          class.runner_memory_mib == null
          ? true
          : contains(
            [512, 1024, 2048, 4096, 8192],
            class.runner_memory_mib == null ? var.runner_memory_mib : class.runner_memory_mib,
          )
        )
        ? ""
        : "runner_classes, class ${name}: runner_memory_mib must be one of the sizes that Lambda MicroVMs offers: 512, 1024, 2048, 4096 or 8192."
      ),
      (
        (
          class.image == null
          ? true
          : (
            length(class.image.docker_images) <= 20 &&
            length(distinct(class.image.docker_images)) == length(class.image.docker_images) &&
            alltrue([
              for image in class.image.docker_images :
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
        )
        ? ""
        : "runner_classes, class ${name}: docker_images must hold at most 20 images, each of them once and with a tag or digest, such as postgres:17 or ghcr.io/acme/tools@sha256:...: without one, what is pulled depends on the day."
      ),
      (
        (
          class.image == null
          ? true
          : (
            length(class.image.docker_images) == 0 ||
            contains(
              (
                class.additional_os_capabilities == null
                ? var.additional_os_capabilities
                : class.additional_os_capabilities
              ),
              "ALL",
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: docker_images needs Docker in the image: set additional_os_capabilities = [\"ALL\"], or leave docker_images empty."
      ),
      (
        (
          class.image == null
          ? true
          : (
            length(class.image.docker_registry_mirrors) <= 5 &&
            length(distinct(class.image.docker_registry_mirrors)) == length(class.image.docker_registry_mirrors) &&
            alltrue([
              for mirror in class.image.docker_registry_mirrors :
              can(regex("^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$", mirror))
            ])
          )
        )
        ? ""
        : "runner_classes, class ${name}: docker_registry_mirrors must hold at most 5 addresses, each of them once, of the form https://host or https://host:port: without user, path, query or a slash at the end."
      ),
      (
        (
          class.image == null
          ? true
          : class.image.dockerfile == null || can(regex("(?im)^[ \\t]*FROM\\s+\\S", class.image.dockerfile))
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must hold the text of a Dockerfile, with a FROM instruction: write file(\"Dockerfile\"), not the path alone."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            can(regex(
              "(?im)^[ \\t]*COPY\\s+(--\\S+\\s+)*supervisor\\.cjs\\s+/opt/supervisor/supervisor\\.cjs\\s*$",
              class.image.dockerfile,
            ))
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must copy the supervisor, which the module adds to the build context: COPY supervisor.cjs /opt/supervisor/supervisor.cjs."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            can(regex("(?im)^[ \\t]*EXPOSE\\s+([^#\\n]*\\s)?9000(/tcp)?(\\s|$)", class.image.dockerfile))
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must have EXPOSE 9000, the port on which Lambda MicroVMs reaches the supervisor."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            (
              can(regex(
                "^\\[\\s*\\x22/opt/actions-runner/externals/node24/bin/node\\x22\\s*,\\s*\\x22/opt/supervisor/supervisor\\.cjs\\x22\\s*\\]\\s*$",
                try(reverse(regexall("(?im)^[ \\t]*CMD\\s+(.*)$", class.image.dockerfile))[0][0], ""),
              )) &&
              !can(regex("(?im)^[ \\t]*ENTRYPOINT\\s", class.image.dockerfile))
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must start the supervisor, with no ENTRYPOINT before it: CMD [\"/opt/actions-runner/externals/node24/bin/node\", \"/opt/supervisor/supervisor.cjs\"]."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            contains(
              ["", "root", "0", "root:root", "0:0"],
              try(reverse(regexall("(?im)^[ \\t]*USER\\s+(\\S+)", class.image.dockerfile))[0][0], ""),
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must not end under another USER than root: the supervisor has to be root to start Docker and to give the runner an account of its own. Add USER root before CMD."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            (
              can(regex("(useradd|adduser)\\s[^&;|]*\\brunner\\b|GHA_RUNNER_USER[= ]", class.image.dockerfile)) &&
              !can(regex("GHA_RUNNER_USER[= ]\\s*\\x22?(root|0|\\(same\\))", class.image.dockerfile))
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must make the account that jobs run as, runner (useradd runner), or name another in ENV GHA_RUNNER_USER; jobs do not run as root."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            !can(regex("(?im)^[ \\t]*ADD\\s+(--\\S+\\s+)*https?://", class.image.dockerfile))
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must not ADD a URL, of which nobody checks what it brings: download with RUN curl, and compare with sha256sum --check."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            !can(regex(
              "--platform=\\S*(amd64|x86_64|386)",
              try(reverse(regexall("(?im)^[ \\t]*FROM\\s+(.*)$", class.image.dockerfile))[0][0], ""),
            ))
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must not end in a stage of another architecture: MicroVMs are arm64. Leave --platform out of the last FROM, or write --platform=linux/arm64."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            (
              can(regex("<<|(?im)^#[ \\t]*escape[ \\t]*=", class.image.dockerfile)) ||
              try(
                alltrue(flatten([
                  for copy in regexall(
                    "(?im)^[ \\t]*COPY[ \\t]+([^\\n]*\\S)[ \\t]+[^ \\t\\n]+[ \\t\\r]*$",
                    replace(class.image.dockerfile, "/\\\\[ \\t]*\\r?\\n/", " "),
                  ) :
                  [
                    for source in regexall("\\S+", copy[0]) :
                    (
                      !can(regex("^[A-Za-z0-9_.][A-Za-z0-9_./-]*$", source)) ||
                      can(regex("^\\.?$|(^|/)\\.\\.(/|$)", trimsuffix(trimprefix(source, "./"), "/"))) ||
                      contains(
                        concat(keys(class.image.extra_build_files), ["Dockerfile", "runner.env", "supervisor.cjs"]),
                        trimsuffix(trimprefix(source, "./"), "/"),
                      ) ||
                      anytrue([
                        for file in concat(keys(class.image.extra_build_files), ["Dockerfile", "runner.env", "supervisor.cjs"]) :
                        startswith(file, "${trimsuffix(trimprefix(source, "./"), "/")}/")
                      ])
                    )
                  ] if !strcontains(copy[0], "--from")
                ])),
                true,
              )
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile must COPY only what is in its build context: supervisor.cjs, runner.env and the paths of extra_build_files. Add the file to extra_build_files, or mend its path in COPY."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.dockerfile == null ||
            !can(regex(
              "((^|[^A-Za-z0-9/+_-])(gh[opsu]_[A-Za-z0-9]{36,})([^A-Za-z0-9/+=_-]|$))|(gh[opsu]_[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]+)|((^|[^A-Za-z0-9/+_-])(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])(npm_[A-Za-z0-9]{36})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])((AKIA|ASIA)[A-Z0-9]{16})([^A-Za-z0-9/+=_-]|$))|(-----BEGIN ([A-Z]+ )*PRIVATE KEY-----)|([A-Za-z][A-Za-z0-9+.-]*://[^\\s/:@]+:[^\\s/@$]+@)",
              class.image.dockerfile,
            ))
          )
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile has a secret in it (a GitHub or npm token, an AWS access key id, a private key, or a URL with a password (scheme://user:password@)), which would stay in the image and in Terraform's state: fetch what needs one in a job."
      ),
      (
        (
          class.image == null
          ? true
          : class.image.dockerfile == null || length(class.image.extra_packages) + length(class.image.setup_commands) == 0
        )
        ? ""
        : "runner_classes, class ${name}: dockerfile leaves no place for extra_packages and setup_commands: write their steps into the Dockerfile, or leave dockerfile null."
      ),
      (
        (
          class.image == null
          ? true
          : alltrue([
            for path in keys(class.image.extra_build_files) :
            length(path) <= 200 && can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$", path))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: extra_build_files must have relative paths of at most 200 letters, digits, _ . and -, in which no part begins with a dot or a hyphen, such as certificates/ca.pem."
      ),
      (
        (
          class.image == null
          ? true
          : alltrue([
            for path in keys(class.image.extra_build_files) :
            !contains(["dockerfile", "runner.env", "supervisor.cjs"], lower(path))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: extra_build_files must not hold Dockerfile, runner.env or supervisor.cjs, which the module writes: for a Dockerfile of your own, set dockerfile."
      ),
      (
        (
          class.image == null
          ? true
          : alltrue([
            for file in concat(keys(class.image.extra_build_files), ["Dockerfile", "runner.env", "supervisor.cjs"]) :
            !anytrue([for path in keys(class.image.extra_build_files) : startswith(path, format("%s/", file))])
          ])
        )
        ? ""
        : "runner_classes, class ${name}: extra_build_files has a file below the path of another, such as a and a/b, and one path is no file and folder at once: rename one."
      ),
      (
        (
          class.image == null
          ? true
          : (
            length(class.image.extra_build_files) <= 50 &&
            alltrue([for text in values(class.image.extra_build_files) : text != null]) &&
            try(sum([for text in values(class.image.extra_build_files) : length(text)]), 0) <= 1000000
          )
        )
        ? ""
        : "runner_classes, class ${name}: extra_build_files must have at most 50 files, none of them null, of 1000000 characters together: they are kept in Terraform's state. Download what is larger in setup_commands."
      ),
      (
        (
          class.image == null
          ? true
          : (
            length(class.image.extra_packages) <= 200 &&
            alltrue([
              for package in class.image.extra_packages : can(regex("^[A-Za-z0-9][A-Za-z0-9._+~^:-]{0,127}$", package))
            ])
          )
        )
        ? ""
        : "runner_classes, class ${name}: extra_packages must hold at most 200 names of packages, of letters, digits and . _ + ~ ^ : -, without options and spaces: one package for each entry."
      ),
      (
        (
          class.image == null
          ? true
          : length(setintersection(class.image.extra_packages, ["coreutils", "curl", "openssl-libs"])) == 0
        )
        ? ""
        : "runner_classes, class ${name}: extra_packages must not hold coreutils, curl, openssl-libs: the base image has smaller packages in their place, with the same commands, and dnf would stop at the conflict."
      ),
      (
        (
          class.image == null
          ? true
          : class.image.runner_sha256 == null || can(regex("^[0-9a-f]{64}$", class.image.runner_sha256))
        )
        ? ""
        : "runner_classes, class ${name}: runner_sha256 must be 64 hexadecimal digits in lower case, as the release notes of actions/runner have them for linux-arm64."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.runner_version == null ||
            can(regex("^2\\.(329|3[3-9][0-9]|[4-9][0-9]{2})\\.[0-9]{1,3}$", class.image.runner_version))
          )
        )
        ? ""
        : "runner_classes, class ${name}: runner_version must be a release of actions/runner without the v, 2.329.0 or later (GitHub registers no older one), such as \"2.338.0\"."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.runner_version == null ||
            class.image.runner_sha256 != null ||
            contains(
              keys({
                "2.338.0" = "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b"
                "2.337.0" = "9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393"
              }),
              coalesce(class.image.runner_version, "none"),
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: runner_version must be one whose checksum the module knows: 2.338.0, 2.337.0. For another, add runner_sha256 from its release notes; a newer version of the module knows newer ones."
      ),
      (
        (class.image == null ? true : class.image.runner_sha256 == null || class.image.runner_version != null)
        ? ""
        : "runner_classes, class ${name}: runner_version must be set beside runner_sha256, which is its checksum: set both, or leave both null for the version that comes with the module."
      ),
      (
        (
          class.image == null
          ? true
          : (
            class.image.runner_sha256 == null ||
            class.image.runner_version == null ||
            (
              lookup(
                {
                  "2.338.0" = "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b"
                  "2.337.0" = "9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393"
                },
                coalesce(class.image.runner_version, "none"),
                class.image.runner_sha256,
              ) ==
              class.image.runner_sha256
            )
          )
        )
        ? ""
        : "runner_classes, class ${name}: runner_version has another published checksum than runner_sha256, and the module knows it: leave runner_sha256 null."
      ),
      (
        (class.image == null ? true : class.image.runner_version == null || class.image.dockerfile == null)
        ? ""
        : "runner_classes, class ${name}: runner_version is the version in the module's Dockerfile, which dockerfile replaces: write the version into the Dockerfile, or leave dockerfile null."
      ),
      (
        (
          class.image == null
          ? true
          : (
            length(class.image.setup_commands) <= 50 &&
            alltrue([
              for command in class.image.setup_commands :
              try(length(trimspace(command)) > 0 && length(command) <= 4096, false)
            ])
          )
        )
        ? ""
        : "runner_classes, class ${name}: setup_commands must hold at most 50 commands of 1 to 4096 characters, none of them empty: put a longer script into extra_build_files."
      ),
      (
        (
          class.image == null
          ? true
          : alltrue([
            for command in class.image.setup_commands : !can(regex("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]", command))
          ])
        )
        ? ""
        : "runner_classes, class ${name}: setup_commands has a command with a control character in it, such as NUL, which bash leaves out: let printf write it, as in printf '\\033'."
      ),
      (
        (
          class.image == null
          ? true
          : alltrue([
            for command in class.image.setup_commands :
            try(
              !(
                can(regex(
                  "(?m)(^|[;&|(])\\s*(sudo\\s+(-\\S+\\s+)*)?([A-Z_]+=\\S*\\s+)*(/usr/bin/)?apt(-get)?\\s",
                  command,
                )) &&
                !can(regex("\\|\\||\\b(command -v|which|type|hash)\\s|(^|[;&|]\\s*)(if|test|\\[)\\s", command))
              ),
              true,
            )
          ])
        )
        ? ""
        : "runner_classes, class ${name}: setup_commands must not run apt or apt-get, which Amazon Linux does not have: name packages of Amazon Linux 2023 in extra_packages, or run dnf install -y."
      ),
      (
        (
          class.image == null
          ? true
          : alltrue([
            for command in class.image.setup_commands :
            try(
              !can(regex(
                "((^|[^A-Za-z0-9/+_-])(gh[opsu]_[A-Za-z0-9]{36,})([^A-Za-z0-9/+=_-]|$))|(gh[opsu]_[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]+)|((^|[^A-Za-z0-9/+_-])(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])(npm_[A-Za-z0-9]{36})([^A-Za-z0-9/+=_-]|$))|((^|[^A-Za-z0-9/+_-])((AKIA|ASIA)[A-Z0-9]{16})([^A-Za-z0-9/+=_-]|$))|(-----BEGIN ([A-Z]+ )*PRIVATE KEY-----)|([A-Za-z][A-Za-z0-9+.-]*://[^\\s/:@]+:[^\\s/@$]+@)",
                command,
              )),
              true,
            )
          ])
        )
        ? ""
        : "runner_classes, class ${name}: setup_commands has a command with a secret in it (a GitHub or npm token, an AWS access key id, a private key, or a URL with a password (scheme://user:password@)), which would stay in the image and in Terraform's state: fetch what needs one in a job, or build the image from a registry of your own."
      ),
      (
        (
          class.max_concurrency >= 0 &&
          class.max_concurrency <= 2000 &&
          floor(class.max_concurrency) == class.max_concurrency
        )
        ? ""
        : "runner_classes, class ${name}: max_concurrency must be a whole number from 0 to 2000: the number of its MicroVMs that may run at once, or 0 for as many as all may have."
      ),
      (
        alltrue([
          for repository in class.repositories : length(regexall("^[^/]+/[^/]+$", coalesce(repository, "-"))) == 1
        ])
        ? ""
        : "runner_classes, class ${name}: repositories must hold entries of the form owner/name, none of them null."
      ),
      (
        alltrue([
          for repository in class.repositories :
          try(
            (
              length([for repository in var.github_repositories : lower(repository)]) == 0
              ? lower(split("/", repository)[0]) == lower(local.github_owner)
              : contains([for repository in var.github_repositories : lower(repository)], lower(repository))
            ),
            true,
          )
        ])
        ? ""
        : "runner_classes, class ${name}: repositories must be among those that are served: github_repositories, or those of github_organization where that is empty."
      ),
      (
        (
          class.egress_network_connector_arn == null
          ? true
          : try(
            (
              split(":", class.egress_network_connector_arn)[3] == local.region &&
              (
                split(":", class.egress_network_connector_arn)[4] == local.account_id ||
                split(":", class.egress_network_connector_arn)[4] == "aws"
              )
            ),
            true,
          )
        )
        ? ""
        : "runner_classes, class ${name}: egress_network_connector_arn is a connector of another Region or account than the aws provider's: make one there, or leave it out."
      ),
    ]
  ]))
  # Images that are built again by themselves: whoever pins something wants it to stay.
  class_built = [
    for name, image in local.class_images : name
    if(
      var.image_refresh.mode == "auto" &&
      var.runner_classes[name]["image_version"] == null &&
      image.runner_version == null &&
      strcontains(coalesce(image.dockerfile, "runner.env"), "runner.env")
    )
  ]
  class_documents = {
    for name, class in var.runner_classes :
    name => {
      for key, value in {
        required = local.class_required_labels[name]
        runner   = local.class_runner_labels[name]
        repositories = (
          length(class.repositories) > 0
          ? [for repository in class.repositories : element(split("/", repository), 1)]
          : null
        )
        group   = class.runner_group_id
        max     = class.max_concurrency > 0 ? class.max_concurrency : null
        seconds = class.max_duration_seconds
        egress  = class.egress_network_connector_arn
        version = class.image_version
        built   = contains(local.class_built, name) ? true : null
        forks   = class.allow_fork_pull_requests
        image   = try(local.class_image_names[name], null)
      } : key => value if value != null
    }
  }
  # As long as the documents are, and known when it is planned.
  class_documents_sized = {
    for name, class in var.runner_classes :
    name => {
      for key, value in {
        required = local.class_required_labels[name]
        runner   = local.class_runner_labels[name]
        repositories = (
          length(class.repositories) > 0
          ? [for repository in class.repositories : element(split("/", repository), 1)]
          : null
        )
        group   = class.runner_group_id
        max     = class.max_concurrency > 0 ? class.max_concurrency : null
        seconds = class.max_duration_seconds
        egress  = class.egress_network_connector_arn
        version = class.image_version
        built   = contains(local.class_built, name) ? true : null
        forks   = class.allow_fork_pull_requests
        image = (
          contains(keys(local.class_images), name)
          ? "${var.name_prefix}-runner-${substr(name, 0, 7)}-00000000"
          : null
        )
      } : key => value if value != null
    }
  }
}

data "aws_iam_policy_document" "classes" {
  count = length(var.runner_classes) > 0 ? 1 : 0

  statement {
    sid       = "ReadClasses"
    actions   = ["ssm:GetParameter"]
    resources = aws_ssm_parameter.classes[*].arn
  }
}

# Nothing in it is secret. Names of images, and no ARNs, which would take a third of it. Written when all images are built: one that
# fails leaves the functions what they had.
resource "aws_ssm_parameter" "classes" {
  # checkov:skip=CKV2_AWS_34:it says what classes there are, and nothing secret

  count = length(var.runner_classes) > 0 ? 1 : 0

  name        = "/${var.name_prefix}/classes"
  description = "Classes of runners beside the default"
  type        = "String"
  # Always: going back to Standard replaces the parameter, whose versions then begin at 1 again.
  tier  = "Advanced"
  value = jsonencode(local.class_documents)
  tags  = local.tags

  depends_on = [awscc_lambda_microvm_image.class, aws_cloudformation_stack.class]

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(local.class_problems) == 0
      error_message = join("\n", local.class_problems)
    }

    precondition {
      condition     = length(local.class_overlaps) == 0
      error_message = "runner_classes: ${join("; ", local.class_overlaps)}. GitHub gives a job to any runner that has all its labels, and may add self-hosted, linux, arm64 to each: give each class a label of its own among its required_labels, such as microvm-large, that no other class's runner_labels have."
    }

    precondition {
      condition     = length(jsonencode(local.class_documents_sized)) <= 8000
      error_message = "runner_classes take ${length(jsonencode(local.class_documents_sized))} characters, and the parameter that tells the functions of them holds 8000: ${join(", ", [for name, document in local.class_documents_sized : "${name} ${length(jsonencode(document))}"])}. Use fewer classes, repositories or labels."
    }
  }
}

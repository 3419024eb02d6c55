# Generated from src/module/build-context.ts: change that, then run `npx projen generate`.

locals {
  # The code that comes with the module is built into the image as it is, unless one of these inputs is set.
  customised = (
    var.dockerfile != null ||
    length(var.extra_packages) + length(var.setup_commands) + length(var.extra_build_files) > 0 ||
    local.runner_version != local.default_runner_version
  )
  default_runner_version = "2.338.0"
  runner_version         = coalesce(var.runner_version, local.default_runner_version)
  runner_sha256 = lookup(
    {
      "2.338.0" = "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b"
      "2.337.0" = "9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393"
    },
    local.runner_version,
    var.runner_sha256,
  )
  build_file_steps = [for path in keys(var.extra_build_files) : "COPY ${path} /opt/build-files/${path}"]
  package_steps = (
    length(var.extra_packages) == 0
    ? []
    : [
      "RUN dnf install -y --setopt=install_weak_deps=0 ${join(" ", var.extra_packages)} && dnf clean all && rm -rf /var/cache/dnf /var/cache/libdnf5",
    ]
  )
  command_steps = [
    for command in var.setup_commands : "RUN ${jsonencode(["/bin/bash", "-euo", "pipefail", "-c", command])}"
  ]
  build_context = merge(
    var.extra_build_files,
    {
      Dockerfile = coalesce(
        var.dockerfile,
        replace(
          file("${path.module}/image/Dockerfile"),
          "# Here the module puts what extra_build_files, extra_packages and setup_commands ask for.",
          join("\n", concat(local.build_file_steps, local.package_steps, local.command_steps)),
        ),
      )
      "runner.env"     = "RUNNER_VERSION=${local.runner_version}\nRUNNER_SHA256=${local.runner_sha256}\n"
      "supervisor.cjs" = file("${path.module}/image/supervisor.cjs")
    },
  )
}

# Written whenever Terraform plans: a plan that was saved is applied where this file is, in the folder that it was made in
# or with the file beside it. Its name has the contents' hash: other accounts and workspaces of one folder have files of
# their own. The same contents make the same archive, whenever and wherever that is.
data "archive_file" "image" {
  count = local.customised ? 1 : 0

  type             = "zip"
  output_path      = "${path.root}/.terraform/${var.name_prefix}-${local.artifact_hash}.zip"
  output_file_mode = "0644"

  dynamic "source" {
    for_each = local.build_context

    content {
      filename = source.key
      content  = source.value
    }
  }
}

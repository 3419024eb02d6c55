# Generated from src/module/class-images.ts: change that, then run `npx projen generate`.

locals {
  # Classes with an image of their own, by what they set and not by what that comes to, which may be known after the apply only.
  class_images = {
    for name, class in var.runner_classes :
    name => {
      additional_os_capabilities = (
        class.additional_os_capabilities != null
        ? class.additional_os_capabilities
        : var.additional_os_capabilities
      )
      runner_environment      = class.runner_environment != null ? class.runner_environment : var.runner_environment
      runner_memory_mib       = class.runner_memory_mib != null ? class.runner_memory_mib : var.runner_memory_mib
      docker_images           = class.image == null ? var.docker_images : class.image.docker_images
      docker_registry_mirrors = class.image == null ? var.docker_registry_mirrors : class.image.docker_registry_mirrors
      dockerfile              = class.image == null ? var.dockerfile : class.image.dockerfile
      extra_build_files       = class.image == null ? var.extra_build_files : class.image.extra_build_files
      extra_packages          = class.image == null ? var.extra_packages : class.image.extra_packages
      runner_sha256           = class.image == null ? var.runner_sha256 : class.image.runner_sha256
      runner_version          = class.image == null ? var.runner_version : class.image.runner_version
      setup_commands          = class.image == null ? var.setup_commands : class.image.setup_commands
    }
    if(
      class.image != null ||
      class.additional_os_capabilities != null ||
      class.runner_environment != null ||
      class.runner_memory_mib != null
    )
  }
  class_runner_versions = {
    for name, image in local.class_images : name => coalesce(image.runner_version, local.default_runner_version)
  }
  class_runner_sha256 = {
    for name, image in local.class_images :
    name => lookup(
      {
        "2.338.0" = "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b"
        "2.337.0" = "9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393"
      },
      local.class_runner_versions[name],
      image.runner_sha256,
    )
  }
  # Of classes that say what is in their image. The others' have what is in the default's, and its artifact.
  class_contexts = {
    for name, image in local.class_images :
    name => merge(
      image.extra_build_files,
      {
        Dockerfile = coalesce(
          image.dockerfile,
          replace(
            file("${path.module}/image/Dockerfile"),
            "# Here the module puts what extra_build_files, extra_packages and setup_commands ask for.",
            join(
              "\n",
              concat(
                [for path in keys(image.extra_build_files) : "COPY ${path} /opt/build-files/${path}"],
                (
                  length(image.extra_packages) == 0
                  ? []
                  : [
                    "RUN dnf install -y --setopt=install_weak_deps=0 ${join(" ", image.extra_packages)} && dnf clean all && rm -rf /var/cache/dnf /var/cache/libdnf5",
                  ]
                ),
                [
                  for command in image.setup_commands :
                  "RUN ${jsonencode(["/bin/bash", "-euo", "pipefail", "-c", command])}"
                ],
              ),
            ),
          ),
        )
        "runner.env"     = "RUNNER_VERSION=${local.class_runner_versions[name]}\nRUNNER_SHA256=${local.class_runner_sha256[name]}\n"
        "supervisor.cjs" = file("${path.module}/image/supervisor.cjs")
      },
    ) if var.runner_classes[name]["image"] != null
  }
  class_hashes = {
    for name, image in local.class_images :
    name => var.runner_classes[name]["image"] == null ? local.artifact_hash : sha256(jsonencode(local.class_contexts[name]))
  }
  class_image_names = {
    for name, image in local.class_images :
    name => "${var.name_prefix}-runner-${substr(name, 0, 7)}-${random_id.class[name]["hex"]}"
  }
  class_image_arns = merge(
    { for name, image in awscc_lambda_microvm_image.class : name => image.image_arn },
    { for name, stack in aws_cloudformation_stack.class : name => stack.outputs["ImageArn"] },
  )
}

resource "random_id" "class" {
  for_each = local.class_images

  byte_length = 4
  keepers = {
    capabilities = join(",", each.value.additional_os_capabilities)
  }
}

resource "aws_cloudwatch_log_group" "class" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's to say with log_retention_days

  for_each = local.class_images

  name              = "/aws/lambda-microvms/${local.class_image_names[each.key]}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

# Named as the default's, with the class behind a dot, which no prefix has.
data "archive_file" "class" {
  for_each = local.class_contexts

  type             = "zip"
  output_path      = "${path.root}/.terraform/${var.name_prefix}.${each.key}-${local.class_hashes[each.key]}.zip"
  output_file_mode = "0644"

  dynamic "source" {
    for_each = each.value

    content {
      filename = source.key
      content  = source.value
    }
  }
}

resource "random_id" "class_artifact" {
  for_each = local.class_images

  byte_length = 4
  keepers = {
    hash = local.class_hashes[each.key]
  }
}

# In a folder of its own: a class that is removed takes nothing of another with it.
resource "aws_s3_object" "class_code" {
  for_each = local.class_images

  bucket       = aws_s3_bucket.artifacts.bucket
  content_type = "application/zip"
  key          = "microvm/classes/${each.key}/${local.class_hashes[each.key]}-${random_id.class_artifact[each.key]["hex"]}.zip"
  source = (
    var.runner_classes[each.key]["image"] == null
    ? local.artifact_file
    : data.archive_file.class[each.key]["output_path"]
  )
  kms_key_id = var.kms_key_arn
  tags       = length(local.tags) <= 10 ? local.tags : null

  override_provider {
    default_tags {
      tags = {}
    }
  }

  depends_on = [
    aws_s3_bucket_policy.artifacts,
    aws_s3_bucket_server_side_encryption_configuration.artifacts,
    aws_s3_bucket_versioning.artifacts,
  ]
}

# Made before the one that it replaces, or that is no more to be, goes: a class is out of service before its image is deleted,
# which the service refuses while MicroVMs of it run. The next apply deletes it.
resource "awscc_lambda_microvm_image" "class" {
  for_each = { for name, image in local.class_images : name => image if length(image.additional_os_capabilities) > 0 }

  name               = local.class_image_names[each.key]
  description        = "GitHub Actions runner for linux-arm64"
  base_image_arn     = local.base_image_arn
  base_image_version = var.base_image_version
  build_role_arn     = aws_iam_role.build.arn
  code_artifact = {
    uri = "s3://${aws_s3_bucket.artifacts.bucket}/${aws_s3_object.class_code[each.key]["key"]}"
  }
  resources = [{
    minimum_memory_in_mi_b = each.value.runner_memory_mib
  }]
  cpu_configurations = [{
    architecture = "ARM_64"
  }]
  additional_os_capabilities = each.value.additional_os_capabilities
  egress_network_connectors  = ["${local.connector_arn_prefix}:INTERNET_EGRESS"]
  environment_variables = concat(
    [{
      key   = "GHA_MEMORY_MIB"
      value = tostring(each.value.runner_memory_mib)
    }],
    [for text in [join(",", each.value.docker_images)] : { key = "GHA_DOCKER_IMAGES", value = text } if text != ""],
    [
      for text in [join(",", each.value.docker_registry_mirrors)] :
      {
        key   = "GHA_REGISTRY_MIRRORS"
        value = text
      } if text != ""
    ],
    [for key, value in each.value.runner_environment : { key = key, value = value }],
  )
  hooks = {
    port = 9000
    microvm_image_hooks = {
      ready                       = "ENABLED"
      ready_timeout_in_seconds    = 900
      validate                    = "ENABLED"
      validate_timeout_in_seconds = 300
    }
    microvm_hooks = {
      run                          = "ENABLED"
      run_timeout_in_seconds       = 10
      resume                       = "ENABLED"
      resume_timeout_in_seconds    = 10
      suspend                      = "ENABLED"
      suspend_timeout_in_seconds   = 10
      terminate                    = "ENABLED"
      terminate_timeout_in_seconds = 40
    }
  }
  logging = {
    cloudwatch = {
      log_group = aws_cloudwatch_log_group.class[each.key]["name"]
    }
  }
  tags = [
    for key, value in merge(
      local.tags,
      {
        "gha-runner:class" = each.key
      },
    ) :
    {
      key   = key
      value = value
    }
  ]

  depends_on = [aws_iam_role_policy.build, aws_s3_object.class_code, aws_cloudwatch_log_group.class]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "class" {
  # checkov:skip=CKV_AWS_124:Terraform waits for the stack and says how it ended; nobody else is to be told

  for_each = { for name, image in local.class_images : name => image if length(image.additional_os_capabilities) == 0 }

  name       = "${var.name_prefix}-runner-${each.key}"
  on_failure = "DELETE"
  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "The runner image of GitHub Actions, without extra capabilities"
    Resources = {
      Image = {
        Type                = "AWS::Lambda::MicrovmImage"
        DeletionPolicy      = "Delete"
        UpdateReplacePolicy = "Delete"
        Properties = merge(
          {
            Name             = local.class_image_names[each.key]
            Description      = "GitHub Actions runner for linux-arm64"
            BaseImageArn     = local.base_image_arn
            BaseImageVersion = var.base_image_version
            BuildRoleArn     = aws_iam_role.build.arn
            CodeArtifact = {
              Uri = "s3://${aws_s3_bucket.artifacts.bucket}/${aws_s3_object.class_code[each.key]["key"]}"
            }
            CpuConfigurations = [{
              Architecture = "ARM_64"
            }]
            Resources = [{
              MinimumMemoryInMiB = each.value.runner_memory_mib
            }]
            EgressNetworkConnectors = ["${local.connector_arn_prefix}:INTERNET_EGRESS"]
            Hooks = {
              Port = 9000
              MicrovmImageHooks = {
                Ready                    = "ENABLED"
                ReadyTimeoutInSeconds    = 900
                Validate                 = "ENABLED"
                ValidateTimeoutInSeconds = 300
              }
              MicrovmHooks = {
                Run                       = "ENABLED"
                RunTimeoutInSeconds       = 10
                Resume                    = "ENABLED"
                ResumeTimeoutInSeconds    = 10
                Suspend                   = "ENABLED"
                SuspendTimeoutInSeconds   = 10
                Terminate                 = "ENABLED"
                TerminateTimeoutInSeconds = 40
              }
            }
            Logging = {
              CloudWatch = {
                LogGroup = aws_cloudwatch_log_group.class[each.key]["name"]
              }
            }
            AdditionalOsCapabilities = []
            EnvironmentVariables = [
              for each in concat(
                [{
                  key   = "GHA_MEMORY_MIB"
                  value = tostring(each.value.runner_memory_mib)
                }],
                [
                  for text in [join(",", each.value.docker_images)] :
                  {
                    key   = "GHA_DOCKER_IMAGES"
                    value = text
                  } if text != ""
                ],
                [
                  for text in [join(",", each.value.docker_registry_mirrors)] :
                  {
                    key   = "GHA_REGISTRY_MIRRORS"
                    value = text
                  } if text != ""
                ],
                [for key, value in each.value.runner_environment : { key = key, value = value }],
              ) :
              {
                Key   = each.key
                Value = each.value
              }
            ]
            Tags = [
              for key, value in merge(
                local.tags,
                {
                  "gha-runner:class" = each.key
                },
              ) :
              {
                Key   = key
                Value = value
              }
            ]
          },
          {
            for name, key in {
              KmsKeyIdentifier = var.kms_key_arn
            } : name => key if key != null
          },
        )
      }
    }
    Outputs = {
      ImageArn = {
        Value = {
          "Fn::GetAtt" = ["Image", "ImageArn"]
        }
      }
    }
  })
  tags = merge(
    local.tags,
    {
      "gha-runner:class" = each.key
    },
  )

  timeouts {
    create = "30m"
    delete = "30m"
    update = "30m"
  }

  depends_on = [aws_iam_role_policy.build, aws_s3_object.class_code, aws_cloudwatch_log_group.class]

  lifecycle {
    create_before_destroy = true
  }
}

# Read when the images have been changed, as the default's is.
data "awscc_lambda_microvm_image" "class" {
  for_each = local.class_images

  id = local.class_image_arns[each.key]

  depends_on = [awscc_lambda_microvm_image.class, aws_cloudformation_stack.class]
}

import { INSERTION_POINT } from "../../microvm/insertion-point.ts";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { attribute, blank, block, call, comment, raw, template } from "../hcl/build.ts";
import type { Body, Expression } from "../hcl/model.ts";
import { KNOWN_RUNNERS } from "../interface/runner-version-inputs.ts";
import { BUILD_FILES_DIR } from "./build-files-dir.ts";

const imageFile = (name: string): Expression => call("file", template(raw("path.module"), `/image/${name}`));

/** HCL of the Dockerfile's steps for the inputs; commands are in the exec form, which takes any text. */
const STEPS = {
  build_file_steps: raw(`[for path in keys(var.extra_build_files) : "COPY \${path} ${BUILD_FILES_DIR}/\${path}"]`),
  package_steps: raw(
    `length(var.extra_packages) == 0 ? [] : ["RUN dnf install -y --setopt=install_weak_deps=0 \${join(" ", var.extra_packages)} && dnf clean all && rm -rf /var/cache/dnf /var/cache/libdnf5"]`,
  ),
  command_steps: raw(
    `[for command in var.setup_commands : "RUN \${jsonencode(["/bin/bash", "-euo", "pipefail", "-c", command])}"]`,
  ),
};

const { version, sha256 } = runnerData.runner;
const runnerFile = (of: string) => `v${of}/actions-runner-linux-arm64-${of}.tar.gz`;

/** The module's Dockerfile, with another runner's file and checksum where one is asked for. */
const DOCKERFILE = call(
  "replace",
  call("replace", imageFile("Dockerfile"), runnerFile(version), raw(`"${runnerFile(`\${local.runner_version}`)}"`)),
  sha256,
  raw("local.runner_sha256"),
);

/** Body of context.tf: the image's build context, where it is not the one that comes with the module. */
export function contextBody(): Body {
  return [
    block(
      "locals",
      [],
      [
        comment(
          "The code that comes with the module is built into the image as it is, unless one of these inputs is set.",
        ),
        attribute(
          "customised",
          raw(
            "var.dockerfile != null || length(var.extra_packages) + length(var.setup_commands) + length(var.extra_build_files) > 0 || local.runner_version != local.default_runner_version",
          ),
        ),
        attribute("default_runner_version", version),
        attribute("runner_version", raw("coalesce(var.runner_version, local.default_runner_version)")),
        attribute("runner_sha256", raw(`lookup(${KNOWN_RUNNERS}, local.runner_version, var.runner_sha256)`)),
        ...Object.entries(STEPS).map(([name, steps]) => attribute(name, steps)),
        attribute(
          "build_context",
          call("merge", raw("var.extra_build_files"), {
            Dockerfile: call(
              "coalesce",
              raw("var.dockerfile"),
              call(
                "replace",
                DOCKERFILE,
                INSERTION_POINT,
                raw('join("\\n", concat(local.build_file_steps, local.package_steps, local.command_steps))'),
              ),
            ),
            "supervisor.cjs": imageFile("supervisor.cjs"),
          }),
        ),
      ],
    ),
    blank,
    comment(
      "Written whenever Terraform plans: a plan that was saved is applied in the folder that it was made in. The same contents\nmake the same archive, whenever and wherever that is.",
    ),
    block(
      "data",
      ["archive_file", "image"],
      [
        attribute("count", raw("local.customised ? 1 : 0")),
        blank,
        attribute("type", "zip"),
        attribute("output_path", template(raw("path.root"), "/.terraform/", raw("var.name_prefix"), "-image.zip")),
        attribute("output_file_mode", "0644"),
        block(
          "dynamic",
          ["source"],
          [
            attribute("for_each", raw("local.build_context")),
            blank,
            block("content", [], [attribute("filename", raw("source.key")), attribute("content", raw("source.value"))]),
          ],
        ),
      ],
    ),
  ];
}

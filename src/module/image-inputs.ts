/** What an image is made of, from the inputs or from what a class has in their place. */
import { RUNNER_ENV_FILE } from "../../contract/runner-env.ts";
import { call, conditional, equal, expression, forExpression, listFor, notEqual, ref, template } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { BUILD_FILES_DIR, INSERTION_POINT } from "../interface/build-files.ts";
import { KNOWN_RUNNERS } from "../interface/runner-version-inputs.ts";

/** Where the value of an input comes from, by the input's name. */
export type Source = (input: string) => Expression;

export const fromInputs: Source = (name) => ref(`var.${name}`);

const imageFile = (name: string): Expression => call("file", template(ref("path.module"), `/image/${name}`));

/** The Dockerfile's steps; commands are in the exec form, which takes any text. */
export function stepsOf(of: Source) {
  return {
    build_file_steps: listFor("path", call("keys", of("extra_build_files")), (path) =>
      template("COPY ", path, ` ${BUILD_FILES_DIR}/`, path),
    ),
    package_steps: conditional(
      equal(call("length", of("extra_packages")), 0),
      [],
      [
        template(
          "RUN dnf install -y --setopt=install_weak_deps=0 ",
          call("join", " ", of("extra_packages")),
          " && dnf clean all && rm -rf /var/cache/dnf /var/cache/libdnf5",
        ),
      ],
    ),
    command_steps: listFor("command", of("setup_commands"), (command) =>
      template("RUN ", call("jsonencode", ["/bin/bash", "-euo", "pipefail", "-c", command])),
    ),
  };
}

export function runnerVersionOf(of: Source): Expression {
  return call("coalesce", of("runner_version"), ref("local.default_runner_version"));
}

export function runnerSha256Of(of: Source, version: Expression): Expression {
  return call("lookup", KNOWN_RUNNERS, version, of("runner_sha256"));
}

/** The build context, text by path. The Dockerfile reads from `runner.env` which runner to download. */
export function contextOf(
  of: Source,
  { steps, version, sha256 }: { steps: readonly Expression[]; version: Expression; sha256: Expression },
): Expression {
  return call("merge", of("extra_build_files"), {
    Dockerfile: call(
      "coalesce",
      of("dockerfile"),
      call("replace", imageFile("Dockerfile"), INSERTION_POINT, call("join", "\n", call("concat", ...steps))),
    ),
    [RUNNER_ENV_FILE]: template("RUNNER_VERSION=", version, "\nRUNNER_SHA256=", sha256, "\n"),
    "supervisor.cjs": imageFile("supervisor.cjs"),
  });
}

/** The image's environment: what the supervisor is told, and what jobs see. */
export function imageEnvironmentOf(of: Source): Expression {
  return call(
    "concat",
    [{ key: "GHA_MEMORY_MIB", value: call("tostring", of("runner_memory_mib")) }],
    whereSome("GHA_DOCKER_IMAGES", of("docker_images")),
    whereSome("GHA_REGISTRY_MIRRORS", of("docker_registry_mirrors")),
    forExpression(["key", "value"], of("runner_environment"), { value: { key: ref("key"), value: ref("value") } }),
  );
}

/** A variable of the image that holds a list, where the list holds something. */
function whereSome(key: string, list: Expression): Expression {
  return listFor(
    "text",
    [call("join", ",", list)],
    (text) => expression({ key, value: text }),
    (text) => notEqual(text, ""),
  );
}

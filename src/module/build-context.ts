import { Construct } from "constructs";
import { RUNNER_ENV_FILE } from "../../contract/runner-env.ts";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { DataArchiveFile } from "../bindings/data-archive-file.ts";
import {
  above,
  because,
  call,
  conditional,
  equal,
  expression,
  listFor,
  notEqual,
  or,
  plus,
  ref,
  template,
} from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { BUILD_FILES_DIR, INSERTION_POINT } from "../interface/build-files.ts";
import { KNOWN_RUNNERS } from "../interface/runner-version-inputs.ts";
import { explain } from "../synth/explain.ts";
import { asNumber, asString } from "../synth/hcl-token.ts";
import { addDynamicBlocks } from "./dynamic-blocks.ts";
import { addLocals } from "./locals.ts";
import { input, local } from "./reference.ts";

const imageFile = (name: string): Expression => call("file", template(ref("path.module"), `/image/${name}`));

/** The Dockerfile's steps for the inputs; commands are in the exec form, which takes any text. */
const STEPS = {
  build_file_steps: listFor("path", call("keys", ref("var.extra_build_files")), (path) =>
    template("COPY ", path, ` ${BUILD_FILES_DIR}/`, path),
  ),
  package_steps: conditional(
    equal(call("length", ref("var.extra_packages")), 0),
    [],
    [
      template(
        "RUN dnf install -y --setopt=install_weak_deps=0 ",
        call("join", " ", ref("var.extra_packages")),
        " && dnf clean all && rm -rf /var/cache/dnf /var/cache/libdnf5",
      ),
    ],
  ),
  command_steps: listFor("command", ref("var.setup_commands"), (command) =>
    template("RUN ", call("jsonencode", ["/bin/bash", "-euo", "pipefail", "-c", command])),
  ),
};

const { version } = runnerData.runner;

/** The Dockerfile reads from it which runner to download. */
const RUNNER_ENV = template(
  "RUNNER_VERSION=",
  ref("local.runner_version"),
  "\nRUNNER_SHA256=",
  ref("local.runner_sha256"),
  "\n",
);

const lengthOf = (name: string) => call("length", ref(`var.${name}`));

const LOCALS = {
  customised: because(
    or(
      notEqual(ref("var.dockerfile"), null),
      above(plus(lengthOf("extra_packages"), lengthOf("setup_commands"), lengthOf("extra_build_files")), 0),
      notEqual(ref("local.runner_version"), ref("local.default_runner_version")),
    ),
    "The code that comes with the module is built into the image as it is, unless one of these inputs is set.",
  ),
  default_runner_version: expression(version),
  runner_version: call("coalesce", ref("var.runner_version"), ref("local.default_runner_version")),
  runner_sha256: call("lookup", KNOWN_RUNNERS, ref("local.runner_version"), ref("var.runner_sha256")),
  ...STEPS,
  build_context: call("merge", ref("var.extra_build_files"), {
    Dockerfile: call(
      "coalesce",
      ref("var.dockerfile"),
      call(
        "replace",
        imageFile("Dockerfile"),
        INSERTION_POINT,
        call("join", "\n", call("concat", ...Object.keys(STEPS).map((name) => ref(`local.${name}`)))),
      ),
    ),
    [RUNNER_ENV_FILE]: RUNNER_ENV,
    "supervisor.cjs": imageFile("supervisor.cjs"),
  }),
} satisfies Readonly<Record<string, Expression>>;

/** The image's build context, where it is not the one that comes with the module. */
export class BuildContext extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addLocals(this, LOCALS);
    const archive = explain(
      new DataArchiveFile(this, "archive.image", {
        count: asNumber(conditional(ref("local.customised"), 1, 0)),
        type: "zip",
        outputPath: `${asString(ref("path.root"))}/.terraform/${input("name_prefix")}-${local("artifact_hash")}.zip`,
        outputFileMode: "0644",
      }),
      [
        "Written whenever Terraform plans: a plan that was saved is applied where this file is, in the folder that it was made in",
        "or with the file beside it. Its name has the contents' hash: other accounts and workspaces of one folder have files of",
        "their own. The same contents make the same archive, whenever and wherever that is.",
      ].join("\n"),
    );
    addDynamicBlocks(archive, "source", ref("local.build_context"), {
      filename: asString(ref("source.key")),
      content: asString(ref("source.value")),
    });
  }
}

import { Construct } from "constructs";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { DataArchiveFile } from "../bindings/data-archive-file.ts";
import { above, because, call, conditional, expression, notEqual, or, plus, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { explain } from "../synth/explain.ts";
import { asNumber, asString } from "../synth/hcl-token.ts";
import { addDynamicBlocks } from "./dynamic-blocks.ts";
import { contextOf, fromInputs, runnerSha256Of, runnerVersionOf, stepsOf } from "./image-inputs.ts";
import { addLocals } from "./locals.ts";
import { input, local } from "./reference.ts";

const { version } = runnerData.runner;

const STEPS = stepsOf(fromInputs);
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
  runner_version: runnerVersionOf(fromInputs),
  runner_sha256: runnerSha256Of(fromInputs, ref("local.runner_version")),
  ...STEPS,
  build_context: contextOf(fromInputs, {
    steps: Object.keys(STEPS).map((name) => ref(`local.${name}`)),
    version: ref("local.runner_version"),
    sha256: ref("local.runner_sha256"),
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

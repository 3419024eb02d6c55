import { Id } from "@cdktf/provider-random/lib/id/index.js";
import type { ITerraformDependable, TerraformElement } from "cdktf";
import { Construct } from "constructs";
import { DataArchiveFile } from "../bindings/data-archive-file.ts";
import {
  above,
  because,
  call,
  conditional,
  equal,
  forExpression,
  index,
  notEqual,
  or,
  ref,
  template,
} from "../hcl/build.ts";
import type { Expression, Literal } from "../hcl/model.ts";
import { CLASS_IMAGE_MEMBERS } from "../interface/runner-classes-input.ts";
import { except } from "../synth/except.ts";
import { explain } from "../synth/explain.ts";
import { asAny, asNumber, asString } from "../synth/hcl-token.ts";
import { AwsccData } from "./awscc-data.ts";
import { addDynamicBlocks } from "./dynamic-blocks.ts";
import type { Image } from "./image.ts";
import { addImageForms } from "./image-forms.ts";
import {
  contextOf,
  imageEnvironmentOf,
  runnerSha256Of,
  runnerVersionOf,
  type Source,
  stepsOf,
} from "./image-inputs.ts";
import { imageProperties } from "./image-properties.ts";
import { addLocals } from "./locals.ts";
import { addLogGroup } from "./log-group.ts";
import { input } from "./reference.ts";
import { STACK_EXCEPTION } from "./scan-exceptions.ts";
import { ARTIFACTS, type Storage } from "./storage.ts";

/** Eight characters (contract/names.ts). */
const NAME_BYTES = 4;
/** Beside `image`, each of which makes an image of its own where a class sets it. */
const OF_IMAGE = ["additional_os_capabilities", "runner_environment", "runner_memory_mib"];
const own = (member: string) => ref(`class.${member}`);
const isGiven = (member: string) => notEqual(own(member), null);
const NAME = ref("name");
const IMAGES = ref("local.class_images");
const perImage = (value: Literal, when?: Literal) =>
  forExpression(["name", "image"], IMAGES, { key: NAME, value, ...(when === undefined ? {} : { when }) });
const ofImage: Source = (name) => ref(`image.${name}`);
const keyed = (map: string) => asString(index(ref(`local.${map}`), ref("each.key")));
const capabilitiesOf = (image: string) => call("length", ref(`${image}.additional_os_capabilities`));
const ofName = (map: string) => index(ref(`local.${map}`), NAME);
/** What the class of that name says of its image; null: nothing. */
const imageOf = (name: Expression) => index(index(ref("var.runner_classes"), name), "image");
const CONTEXT = contextOf(ofImage, {
  steps: Object.values(stepsOf(ofImage)),
  version: ofName("class_runner_versions"),
  sha256: ofName("class_runner_sha256"),
});

const LOCALS = {
  class_images: because(
    forExpression(["name", "class"], ref("var.runner_classes"), {
      key: NAME,
      value: Object.fromEntries([
        ...OF_IMAGE.map((name): [string, Expression] => [
          name,
          conditional(isGiven(name), own(name), ref(`var.${name}`)),
        ]),
        ...Object.keys(CLASS_IMAGE_MEMBERS).map((name): [string, Expression] => [
          name,
          conditional(equal(own("image"), null), ref(`var.${name}`), ref(`class.image.${name}`)),
        ]),
      ]),
      when: or(...["image", ...OF_IMAGE].map(isGiven)),
    }),
    "Classes with an image of their own, by what they set and not by what that comes to, which may be known after the apply only.",
  ),
  class_runner_versions: perImage(runnerVersionOf(ofImage)),
  class_runner_sha256: perImage(runnerSha256Of(ofImage, ofName("class_runner_versions"))),
  class_contexts: because(
    perImage(CONTEXT, notEqual(imageOf(NAME), null)),
    "Of classes that say what is in their image. The others' have what is in the default's, and its artifact.",
  ),
  class_hashes: perImage(
    conditional(
      equal(imageOf(NAME), null),
      ref("local.artifact_hash"),
      call("sha256", call("jsonencode", ofName("class_contexts"))),
    ),
  ),
  class_image_names: perImage(
    template(
      ref("var.name_prefix"),
      "-runner-",
      call("substr", NAME, 0, 7),
      "-",
      index(index(ref("random_id.class"), NAME), "hex"),
    ),
  ),
  class_image_arns: call(
    "merge",
    forExpression(["name", "image"], ref("awscc_lambda_microvm_image.class"), {
      key: NAME,
      value: ref("image.image_arn"),
    }),
    forExpression(["name", "stack"], ref("aws_cloudformation_stack.class"), {
      key: NAME,
      value: index(ref("stack.outputs"), "ImageArn"),
    }),
  ),
} as const;

export interface ClassImagesProps {
  readonly image: Image;
  readonly storage: Storage;
}

/** Images of classes of runners that have their own. */
export class ClassImages extends Construct {
  /** Whatever is told of the images waits for these. */
  readonly built: ITerraformDependable[];

  constructor(scope: Construct, id: string, { image, storage }: ClassImagesProps) {
    super(scope, id);
    addLocals(this, LOCALS);
    const repeat = (element: TerraformElement, over: Expression = IMAGES) =>
      element.addOverride("for_each", asAny(over));
    const only = (when: Literal) => perImage(ref("image"), when);
    const name = new Id(this, "id.class", {
      byteLength: NAME_BYTES,
      keepers: { capabilities: asString(call("join", ",", ref("each.value.additional_os_capabilities"))) },
    });
    repeat(name);
    const logs = addLogGroup(this, "class", `/aws/lambda-microvms/${keyed("class_image_names")}`);
    repeat(logs);
    const archive = explain(
      new DataArchiveFile(this, "archive.class", {
        type: "zip",
        outputPath: `${asString(ref("path.root"))}/.terraform/${input("name_prefix")}.${asString(ref("each.key"))}-${keyed("class_hashes")}.zip`,
        outputFileMode: "0644",
      }),
      "Named as the default's, with the class behind a dot, which no prefix has.",
    );
    repeat(archive, ref("local.class_contexts"));
    addDynamicBlocks(archive, "source", ref("each.value"), {
      filename: asString(ref("source.key")),
      content: asString(ref("source.value")),
    });
    const artifact = new Id(this, "id.class_artifact", {
      byteLength: NAME_BYTES,
      keepers: { hash: keyed("class_hashes") },
    });
    repeat(artifact);
    const code = explain(
      storage.addCode(this, "class_code", {
        key: `${ARTIFACTS}/classes/${asString(ref("each.key"))}/${keyed("class_hashes")}-${partOf("random_id.class_artifact", "hex")}.zip`,
        source: asString(
          conditional(
            equal(imageOf(ref("each.key")), null),
            ref("local.artifact_file"),
            index(index(ref("data.archive_file.class"), ref("each.key")), "output_path"),
          ),
        ),
      }),
      "In a folder of its own: a class that is removed takes nothing of another with it.",
    );
    repeat(code);
    const tags = call("merge", ref("local.tags"), { "gha-runner:class": ref("each.key") });
    const { image: built, stack } = addImageForms(this, {
      id: "class",
      properties: imageProperties({
        name: keyed("class_image_names"),
        build: image.build.role,
        code: `s3://${storage.bucket.bucket}/${partOf("aws_s3_object.class_code", "key")}`,
        memoryMib: asNumber(ref("each.value.runner_memory_mib")),
        logGroup: partOf("aws_cloudwatch_log_group.class", "name"),
      }),
      capabilities: ref("each.value.additional_os_capabilities"),
      environment: imageEnvironmentOf((member) => ref(`each.value.${member}`)),
      tags,
      stackName: `${input("name_prefix")}-runner-${asString(ref("each.key"))}`,
      dependsOn: [image.build.policy, code, logs],
    });
    except(stack, STACK_EXCEPTION);
    this.built = [built, stack];
    repeat(built, only(above(capabilitiesOf("image"), 0)));
    repeat(stack, only(equal(capabilitiesOf("image"), 0)));
    explain(
      built,
      [
        "Made before the one that it replaces, or that is no more to be, goes: a class is out of service before its image is deleted,",
        "which the service refuses while MicroVMs of it run. The next apply deletes it.",
      ].join("\n"),
    );
    const data = explain(
      new AwsccData(this, "image_data.class", "awscc_lambda_microvm_image", {
        identifier: keyed("class_image_arns"),
        dependsOn: [built, stack],
      }),
      "Read when the images have been changed, as the default's is.",
    );
    repeat(data);
  }
}

/** An attribute of what there is one of for each class. */
function partOf(address: string, attribute: string): string {
  return asString(index(index(ref(address), ref("each.key")), attribute));
}

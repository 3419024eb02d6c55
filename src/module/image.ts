import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { Id } from "@cdktf/provider-random/lib/id/index.js";
import { Construct } from "constructs";
import { above, call, conditional, equal, listFor, ref, template } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { explain } from "../synth/explain.ts";
import { asAny, asNumber, asString } from "../synth/hcl-token.ts";
import { AwsccData } from "./awscc-data.ts";
import type { Iam } from "./iam.ts";
import { addImageForms } from "./image-forms.ts";
import { imageProperties } from "./image-properties.ts";
import { DECRYPT, WRITE_LOGS } from "./key.ts";
import { addLogGroup, writeLogsTo } from "./log-group.ts";
import { input, local } from "./reference.ts";
import { addRole, type Role } from "./role.ts";
import type { Storage } from "./storage.ts";

/** Before anything is made: an image of another Region could not be run here, and its name would be used up. */
const SAME_REGION = {
  condition: asString(equal(ref("data.awscc_lambda_microvm_images.awscc.id"), local("region"))),
  errorMessage: `The awscc provider's Region is not the aws provider's, ${local("region")}: set the same region in both, because each part of the module is in one Region.`,
};

/** Eight characters (contract/names.ts). */
const NAME_BYTES = 4;
const CAPABILITIES = call("length", ref("var.additional_os_capabilities"));

/** Whether the ARN is of an image with the deployment's prefix, perhaps a class, and the random end of a name. */
function isOurs(arn: Expression): Expression {
  return call(
    "can",
    call("regex", template(":microvm-image:", ref("var.name_prefix"), "-runner-([a-z0-9-]{1,7}-)?[0-9a-f]{8}$"), arn),
  );
}

const STACK = [
  "The same image without capabilities. Whoever applies it needs rights for CloudFormation too. Nothing is retained: what",
  "the stack no longer holds is an image that no MicroVM is started from. A stack that fails is deleted, because it",
  "could only be in the way of the next attempt. A customer's key is named here only: the awscc provider does not know of it.",
].join("\n");

/** Of the images of this deployment, whichever classes they are of. */
const WRITE_IMAGE_LOGS = writeLogsTo(
  `arn:${local("partition")}:logs:${local("region")}:${local("account_id")}:log-group:/aws/lambda-microvms/${input("name_prefix")}-runner-*`,
);

export interface ImageProps {
  readonly iam: Iam;
  readonly storage: Storage;
}

/** The image that MicroVMs start from, the role that builds it, and the role and logs of the MicroVMs. */
export class Image extends Construct {
  readonly logs: CloudwatchLogGroup;
  readonly exec: Role;
  readonly build: Role;

  constructor(scope: Construct, id: string, { iam, storage }: ImageProps) {
    super(scope, id);
    explain(
      new Id(this, "id.image", {
        byteLength: NAME_BYTES,
        keepers: { capabilities: asString(call("join", ",", input("additional_os_capabilities"))) },
        lifecycle: {
          precondition: [SAME_REGION],
          replaceTriggeredBy: [asString(ref("aws_iam_role.build.name"))],
        },
      }),
      [
        "The service never gives an image's name free again: each image has a name of its own, so that it can be destroyed and",
        "created anew, and change between its two forms below. A new artifact makes a new version under the same name. When",
        "an image's first build fails, the next one needs another name: apply with -replace on this resource. It is new when the",
        "role's name is, because whoever goes back to an earlier name_prefix would find the name used; as a keeper the prefix would",
        "give every deployment another image once.",
      ].join("\n"),
    );
    this.logs = explain(
      addLogGroup(this, "runner", `/aws/lambda-microvms/${local("image_name")}`),
      [
        "The service sends a build's log to the group of this name; the MicroVMs' own logs go there too. Were it not made",
        "here, the service would make it, without a retention, and it would outlive the module.",
      ].join("\n"),
    );
    this.exec = addRole(this, "exec", {
      trust: iam.microvmTrust,
      description: "Taken on by the runner MicroVMs: every job step can use it, so it may write logs and nothing else",
      statements: [WRITE_IMAGE_LOGS],
      keyUses: WRITE_LOGS,
    });
    this.build = addRole(this, "build", {
      trust: iam.microvmTrust,
      roleName: local("build_role_name"),
      description: "Taken on by Lambda MicroVMs while it builds the runner image",
      statements: [{ sid: "ReadCode", actions: ["s3:GetObject"], resources: [storage.codeArns] }, WRITE_IMAGE_LOGS],
      keyUses: { s3: DECRYPT, ...WRITE_LOGS },
      reasons: [
        "ReadCode: of all artifacts. A rollback builds from an earlier one, the refresh function from contexts of its own in this",
        "folder; and the policy is not changed in the second before a build, when IAM may not know of it yet.",
        "WriteLogs: without these rights a build that fails leaves no log at all. No logs:CreateLogGroup, which the service",
        "needs only for a group that does not exist: the image waits for this one. Of all images' groups, so that no policy is changed",
        "for a class of runners.",
      ],
    });
    const dependsOn = [this.build.policy, storage.code, this.logs];
    const { image, stack } = addImageForms(this, {
      id: "runner",
      properties: imageProperties({
        name: local("image_name"),
        build: this.build.role,
        code: `s3://${storage.code.bucket}/${storage.code.key}`,
        memoryMib: asNumber(input("runner_memory_mib")),
        logGroup: this.logs.name,
      }),
      capabilities: ref("var.additional_os_capabilities"),
      environment: ref("local.image_environment"),
      tags: ref("local.tags"),
      stackName: `${input("name_prefix")}-runner`,
      dependsOn,
    });
    image.addOverride("count", asAny(conditional(above(CAPABILITIES, 0), 1, 0)));
    stack.addOverride("count", asAny(conditional(equal(CAPABILITIES, 0), 1, 0)));
    explain(
      image,
      [
        "Cloud Control wants every property, and the awscc provider leaves out empty sets: an image without capabilities is",
        "made by the stack below.",
      ].join("\n"),
    );
    explain(stack, STACK);
    const before = explain(
      new AwsccData(this, "image_data.before", "awscc_lambda_microvm_image", {
        identifier: asString(ref("each.value")),
      }),
      [
        "The deployment's images as they are before the apply. From the account's list, and not from the image itself, of which",
        "nothing is known until it has been made.",
      ].join("\n"),
    );
    const ours = listFor("id", ref("data.awscc_lambda_microvm_images.awscc.ids"), (id) => id, isOurs);
    before.addOverride("for_each", asAny(call("toset", ours)));
    explain(
      new AwsccData(this, "image_data.runner", "awscc_lambda_microvm_image", {
        identifier: local("image_arn"),
        dependsOn: [image, stack],
      }),
      [
        "An update's new state is its plan (terraform-provider-awscc, internal/generic/resource.go), so the image itself tells the",
        "version that was active before. This is read when the image has been changed.",
      ].join("\n"),
    );
  }
}

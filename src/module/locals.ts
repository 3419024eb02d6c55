import { TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { launchPriceOf } from "../../contract/launch-cost.ts";
import { dollarColumns } from "../../contract/queries.ts";
import { RUNNER_ENV_FILE } from "../../contract/runner-env.ts";
import prices from "../../microvm/prices.json" with { type: "json" };
import {
  above,
  call,
  conditional,
  equal,
  index,
  listFor,
  not,
  notEqual,
  operation,
  or,
  ref,
  template,
} from "../hcl/build.ts";
import type { Expression, Literal } from "../hcl/model.ts";
import { asAny } from "../synth/hcl-token.ts";
import { fromInputs, imageEnvironmentOf } from "./image-inputs.ts";

const ZIP = template(ref("path.module"), "/image.zip");
const orDefault = (name: string, whenNull: Literal) =>
  conditional(notEqual(ref(`var.${name}`), null), ref(`var.${name}`), whenNull);
const nameOf = (repository: Expression) => call("element", call("split", "/", repository), 1);

const ODD = [ref("random_password.webhook.result")];
const EVEN = ref("random_password.webhook_even[*].result");

/** Values that more than one file of the module uses. */
export const LOCALS = {
  account_id: ref("data.aws_caller_identity.current.account_id"),
  partition: ref("data.aws_partition.current.partition"),
  region: ref("data.aws_region.current.region"),
  app_key_arn: call(
    "try",
    call(
      "coalesce",
      ref("var.github_app_key_source.ssm_parameter_arn"),
      ref("var.github_app_key_source.secretsmanager_secret_arn"),
      ref("var.github_app_key_source.kms_signing_key_arn"),
    ),
    null,
  ),
  artifact_file: conditional(ref("local.customised"), ref("data.archive_file.image[0].output_path"), ZIP),
  // Of the contents, not of the archive: another version of the archive provider may write other bytes.
  artifact_hash: conditional(
    ref("local.customised"),
    call("sha256", call("jsonencode", ref("local.build_context"))),
    call("filesha256", ZIP),
  ),
  artifacts_bucket_name: orDefault(
    "artifacts_bucket_name",
    template(ref("var.name_prefix"), "-artifacts-", ref("local.account_id")),
  ),
  base_image_arn: template(
    "arn:",
    ref("local.partition"),
    ":lambda:",
    ref("local.region"),
    ":aws:microvm-image:",
    ref("var.base_image_name"),
  ),
  // The image is created before the old one is destroyed, and with it what it depends on: where the path changes, the
  // new build role stands beside the old one for a while, and IAM wants names that differ in more than the path.
  build_role_name: template(
    ref("var.name_prefix"),
    "-build",
    conditional(
      equal(ref("var.role_path"), "/"),
      "",
      call("format", "-%s", call("substr", call("sha1", ref("var.role_path")), 0, 8)),
    ),
  ),
  // By its version, which never changes: the functions start afresh with another one, and read it once.
  classes_param: conditional(
    above(call("length", ref("var.runner_classes")), 0),
    template(
      call("one", ref("aws_ssm_parameter.classes[*].name")),
      ":",
      call("one", ref("aws_ssm_parameter.classes[*].version")),
    ),
    "",
  ),
  connector_arn_prefix: template(
    "arn:",
    ref("local.partition"),
    ":lambda:",
    ref("local.region"),
    ":aws:network-connector:aws-network-connector",
  ),
  // Of the saved queries, by the Region's list price.
  dollar_columns: call(
    "lookup",
    Object.fromEntries(
      Object.keys(prices.usdPerSecond).map((name) => [name, dollarColumns(launchPriceOf(prices, name))]),
    ),
    ref("local.region"),
    "",
  ),
  egress_connector_arn: call(
    "coalesce",
    ref("var.egress_network_connector_arn"),
    template(ref("local.connector_arn_prefix"), ":INTERNET_EGRESS"),
  ),
  github_owner: orDefault(
    "github_organization",
    call("try", index(call("split", "/", ref("var.github_repositories[0]")), 0), ""),
  ),
  github_repository_names: listFor("repository", ref("var.github_repositories"), nameOf),
  // Of the image and the stack that has it there is one.
  image_arn: call(
    "one",
    call(
      "concat",
      ref("awscc_lambda_microvm_image.runner[*].image_arn"),
      listFor("stack", ref("aws_cloudformation_stack.runner"), () => ref('stack.outputs["ImageArn"]')),
    ),
  ),
  image_environment: imageEnvironmentOf(fromInputs),
  image_name: template(ref("var.name_prefix"), "-runner-", ref("random_id.image.hex")),
  images_arn_pattern: template(
    "arn:",
    ref("local.partition"),
    ":lambda:",
    ref("local.region"),
    ":",
    ref("local.account_id"),
    ":microvm-image:",
    ref("var.name_prefix"),
    "-runner-*",
  ),
  // Whoever pins something wants it to stay.
  refresh_mode: conditional(
    or(
      notEqual(ref("var.image_version"), null),
      notEqual(ref("var.runner_version"), null),
      not(call("strcontains", call("coalesce", ref("var.dockerfile"), RUNNER_ENV_FILE), RUNNER_ENV_FILE)),
    ),
    "watch",
    ref("var.image_refresh.mode"),
  ),
  tags: call("merge", { "gha-runner:name-prefix": ref("var.name_prefix") }, ref("var.tags")),
  // Of two passwords one is for odd generations and one for even ones, so that raising by one leaves the last as it is.
  webhook_secrets: conditional(
    equal(operation("%", ref("var.webhook_secret_generation"), 2), 1),
    call("concat", ODD, EVEN),
    call("concat", EVEN, ODD),
  ),
} as const satisfies Readonly<Record<string, Expression>>;

/** Adds local values to a file. */
export function addLocals(file: Construct, locals: Readonly<Record<string, Expression>>): void {
  for (const [name, value] of Object.entries(locals)) new TerraformLocal(file, `local.${name}`, asAny(value));
}

/** The values that more than one file uses. */
export class Locals extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addLocals(this, LOCALS);
  }
}

import { Construct } from "constructs";
import { above, attribute, block, call, conditional, equal, listFor, not, or, ref, template } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { OtherBlock } from "../synth/other-block.ts";
import { local } from "./reference.ts";

/**
 * Regions known by name to have Lambda MicroVMs; four more have had it since October 2026
 * (docs/PLATFORM-NOTES.md#regions).
 */
export const KNOWN_REGIONS = [
  "us-east-1",
  "us-east-2",
  "us-west-2",
  "eu-west-1",
  "eu-central-1",
  "eu-north-1",
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
];

const STATE = ref("data.awscc_lambda_microvm_image.runner.state");
const hasFailed = (state: Expression) => call("contains", ["CREATE_FAILED", "UPDATE_FAILED"], state);

/** What is worth a warning but no refusal. */
export class Checks extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.add(
      "region",
      call("contains", KNOWN_REGIONS, local("region")),
      template(
        "Lambda MicroVMs is not known to be offered in ",
        ref("local.region"),
        `: the image may fail to build there. Known to have it: ${KNOWN_REGIONS.join(", ")}, and since October 2026 `,
        "four more. Set the region of both the aws and the awscc provider.",
      ),
    );
    this.add(
      "image",
      // What is read after the apply is unknown while a change is planned: where nothing has failed before, it need not
      // be known.
      conditional(
        call(
          "anytrue",
          listFor("image", ref("data.awscc_lambda_microvm_image.before"), () => hasFailed(ref("image.state"))),
        ),
        not(hasFailed(STATE)),
        true,
      ),
      template(
        "The last build of the runner image failed (",
        STATE,
        "): jobs may find no MicroVM. Its log is in ",
        ref("aws_cloudwatch_log_group.runner.name"),
        ". Mend what the image is built from and apply, or apply with -replace on random_id.artifact to build it again.",
      ),
    );
    this.addAlarmActions();
    this.add(
      "image_refresh",
      equal(ref("local.refresh_mode"), ref("var.image_refresh.mode")),
      template(
        "image_refresh only watches: image_version, runner_version or a dockerfile that does not name runner.env keeps ",
        "the image as it is. GitHub stops giving jobs to its runner some 30 to 70 days after the next release: remove ",
        'the pin, follow runner.env in the dockerfile, or set image_refresh = { mode = "watch" } to say that you will.',
      ),
    );
  }

  private addAlarmActions(): void {
    this.add(
      "alarm_actions",
      or(above(call("length", ref("var.alarm_actions")), 0), ref("var.alarms_without_actions")),
      template(
        "Nobody is told when jobs do not run: alarm_actions is empty. Name an SNS topic to which somebody is subscribed, or set ",
        "alarms_without_actions = true to say that the alarms are looked at otherwise.",
      ),
    );
  }

  private add(name: string, condition: Expression, errorMessage: Expression): void {
    const assertion = [attribute("condition", condition), attribute("error_message", errorMessage)];
    new OtherBlock(this, `check.${name}`, "check", [block("assert", [], assertion)]);
  }
}

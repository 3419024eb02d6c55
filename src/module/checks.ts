import { Construct } from "constructs";
import { attribute, block, call, equal, ref, template } from "../hcl/build.ts";
import { OtherBlock } from "../synth/other-block.ts";

/** Regions that served Lambda MicroVMs at its launch (docs/PLATFORM-NOTES.md#regions). */
const KNOWN_REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-1"];

/** What is worth a warning but no refusal. */
export class Checks extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new OtherBlock(this, "check.region", "check", [
      block(
        "assert",
        [],
        [
          attribute("condition", call("contains", KNOWN_REGIONS, ref("local.region"))),
          attribute(
            "error_message",
            template(
              "Lambda MicroVMs is not known to be offered in ",
              ref("local.region"),
              `: the image may fail to build there. Regions known to have it: ${KNOWN_REGIONS.join(", ")}. `,
              "Set the region of both the aws and the awscc provider.",
            ),
          ),
        ],
      ),
    ]);
    new OtherBlock(this, "check.image_refresh", "check", [
      block(
        "assert",
        [],
        [
          attribute("condition", equal(ref("local.refresh_mode"), ref("var.image_refresh.mode"))),
          attribute(
            "error_message",
            template(
              "image_refresh only watches: image_version, runner_version or a dockerfile that does not name runner.env keeps ",
              "the image as it is. GitHub stops giving jobs to its runner some 30 to 70 days after the next release: remove ",
              'the pin, follow runner.env in the dockerfile, or set image_refresh = { mode = "watch" } to say that you will.',
            ),
          ),
        ],
      ),
    ]);
  }
}

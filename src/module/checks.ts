import { attribute, block, raw } from "../hcl/build.ts";
import type { Body } from "../hcl/model.ts";

/** Regions that served Lambda MicroVMs at its launch (docs/PLATFORM-NOTES.md#regions). */
const KNOWN_REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-1"];

/** Body of checks.tf: what is worth a warning but no refusal. */
export function checksBody(): Body {
  return [
    block(
      "check",
      ["region"],
      [
        block(
          "assert",
          [],
          [
            attribute(
              "condition",
              raw(`contains(${JSON.stringify(KNOWN_REGIONS).replaceAll(",", ", ")}, local.region)`),
            ),
            attribute("error_message", {
              kind: "template",
              parts: [
                "Lambda MicroVMs is not known to be offered in ",
                raw("local.region"),
                `: the image may fail to build there. Regions known to have it: ${KNOWN_REGIONS.join(", ")}. Set the region of both the aws and the awscc provider.`,
              ],
            }),
          ],
        ),
      ],
    ),
  ];
}

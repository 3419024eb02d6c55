import { and, call, conditional, equal, index, listFor, or, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { asString } from "../synth/hcl-token.ts";
import { input, local } from "./reference.ts";

/** Parts of `arn:partition:service:region:account:resource`. */
const REGION = 3;
const ACCOUNT = 4;
const part = (arn: string, position: number) => index(call("split", ":", arn), position);
const inRegion = (arn: string) => equal(part(arn, REGION), local("region"));
/** Of our account, or one of those that AWS keeps for every account. */
const isOurs = (arn: string) => or(equal(part(arn, ACCOUNT), local("account_id")), equal(part(arn, ACCOUNT), "aws"));
const unless = (name: string, condition: Expression) =>
  asString(conditional(equal(input(name), null), true, call("try", condition, true)));

/**
 * What only the providers' account and Region can tell of an input: the first service to be told of such an ARN would
 * say so in the middle of an apply, or never.
 */
export const PLACE_PRECONDITIONS = [
  {
    condition: unless("kms_key_arn", inRegion(input("kms_key_arn"))),
    errorMessage: `kms_key_arn is a key of another Region than the aws provider's, ${local("region")}: name a key of that Region, or the replica there of a multi-Region key.`,
  },
  {
    condition: unless(
      "egress_network_connector_arn",
      and(inRegion(input("egress_network_connector_arn")), isOurs(input("egress_network_connector_arn"))),
    ),
    errorMessage: `egress_network_connector_arn is a connector of another Region or account than the aws provider's, ${local("region")} and ${local("account_id")}: make one there, or leave it null for INTERNET_EGRESS.`,
  },
  {
    condition: unless("permissions_boundary", isOurs(input("permissions_boundary"))),
    errorMessage: `permissions_boundary is a policy of another account than the aws provider's, ${local("account_id")}: IAM takes a boundary of the role's own account only, or one that AWS manages.`,
  },
  {
    condition: asString(
      call(
        "alltrue",
        listFor("action", ref("var.alarm_actions"), (action) =>
          call("try", equal(index(call("split", ":", action), REGION), local("region")), true),
        ),
      ),
    ),
    errorMessage: `alarm_actions has an action of another Region than the aws provider's, ${local("region")}: CloudWatch notifies in an alarm's own Region only. Make a topic there.`,
  },
];

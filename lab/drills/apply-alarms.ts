import { type Monitoring, monitoringOf } from "../cloudwatch/definitions.ts";
import { type Lab, startLab } from "../lab.ts";

/** The default `name_prefix`, which the example leaves as it is. */
export const PREFIX = "gha-microvm";

/** Somebody is to be told, also of an alarm that has no data. */
const toldIn = (region: string) => `module "gha_runner" {
  alarm_actions = ["arn:aws:sns:${region}:123456789012:alerts"]
}
`;

/** Applies the example with Terraform and returns what CloudWatch was told. */
export async function applyAlarms(region = "eu-west-1"): Promise<Monitoring> {
  let lab: Lab | undefined;
  try {
    lab = await startLab({ files: { "alarms_override.tf": toldIn(region) }, region });
    await lab.terraform.init();
    await lab.terraform.apply();
    return monitoringOf(await lab.terraform.resources());
  } finally {
    await lab?.stop();
  }
}

import { type Monitoring, monitoringOf } from "../cloudwatch/definitions.ts";
import { type Lab, startLab } from "../lab.ts";

/** The default `name_prefix`, which the example leaves as it is. */
export const PREFIX = "gha-microvm";

/** Somebody is to be told, also of an alarm that has no data. */
const TOLD = `module "gha_runner" {
  alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:alerts"]
}
`;

/** Applies the example with Terraform and returns what CloudWatch was told to count and to watch. */
export async function applyAlarms(): Promise<Monitoring> {
  let lab: Lab | undefined;
  try {
    lab = await startLab({ files: { "alarms_override.tf": TOLD } });
    await lab.terraform.init();
    await lab.terraform.apply();
    return monitoringOf(await lab.terraform.resources());
  } finally {
    await lab?.stop();
  }
}

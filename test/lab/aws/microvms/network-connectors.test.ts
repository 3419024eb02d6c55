import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Values } from "../../../../lab/terraform/behaviour.ts";
import { addRole, apply, change, destroy, type Grant, trust } from "../support/apply.ts";
import { buildImage } from "../support/image.ts";
import { type MicrovmLab, startMicrovmLab } from "../support/microvm-lab.ts";

const TYPE = "awscc_lambda_network_connector";
const EC2 = "arn:aws:ec2:eu-west-1:123456789012";
const INTERFACES: Grant[] = [
  { actions: ["ec2:CreateNetworkInterface"], resources: [`${EC2}:*`] },
  { actions: ["ec2:CreateTags"], resources: [`${EC2}:network-interface/*`] },
];
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

let lab: MicrovmLab;
let group: string;
beforeAll(async () => {
  lab = await startMicrovmLab();
  group = String((await apply(lab.aws, "aws_security_group", { name: "runners", vpc_id: "vpc-1" })).id);
  await addRole(lab.aws, "operator", INTERFACES);
  await addRole(lab.aws, "untagged", INTERFACES.slice(0, 1));
  await addRole(lab.aws, "conditioned", INTERFACES, trust(undefined, { StringEquals: { "aws:SourceAccount": "1" } }));
});
afterAll(() => lab.aws.stop());

function connector({ vpc = {}, ...changes }: Values & { vpc?: Values } = {}): Values {
  const vpc_egress_configuration = {
    associated_compute_resource_types: ["MicroVm"],
    network_protocol: "IPv4",
    security_group_ids: [group],
    subnet_ids: ["subnet-1"],
    ...vpc,
  };
  return { name: "vpc", operator_role: role("operator"), configuration: { vpc_egress_configuration }, ...changes };
}

describe("a network connector", () => {
  it.each([
    [{ operator_role: null }, "NetworkConnectorOperatorRole is required for VPC_EGRESS connector type"],
    [{ operator_role: role("conditioned") }, "unable to assume the provided NetworkConnectorOperatorRole"],
    [{ operator_role: role("untagged") }, "may not ec2:CreateTags"],
    [{ vpc: { network_protocol: null } }, "NetworkProtocol is required"],
    [{ vpc: { subnet_ids: [] } }, "subnetIds"],
    [{ vpc: { subnet_ids: Array(17).fill("subnet-1") } }, "less than or equal to 16"],
    [{ vpc: { associated_compute_resource_types: ["Function"] } }, "enum value set: [MicroVm]"],
    [{ vpc: { security_group_ids: ["sg-unknown"] } }, "'sg-unknown' does not exist"],
    [{ name: "a b" }, "regular expression pattern"],
  ])("is refused with %j", async (changes, message) => {
    await expect(apply(lab.aws, TYPE, connector({ name: `for-${message.length}`, ...changes }))).rejects.toThrow(
      message,
    );
  });

  it("takes MicroVMs from when it is active until it is gone", async () => {
    await buildImage(lab.aws);
    const arn = "arn:aws:lambda:eu-west-1:123456789012:network-connector:vpc";
    await addRole(lab.aws, "passer", [{ actions: ["lambda:PassNetworkConnector"], resources: [arn] }]);
    const launcher = lab.aws.iam.roles.get("launcher");
    launcher?.policies.set("passer", lab.aws.iam.roles.get("passer")?.policies.get("own") ?? {});
    const run = () => lab.run({ egressNetworkConnectors: [arn] }).then(({ state }) => state);
    await expect(run()).rejects.toThrow(`Network connector ${arn} not found`);

    const state = await apply(lab.aws, TYPE, connector());
    expect(state).toMatchObject({ arn, id: arn, state: "ACTIVE" });
    expect(await run()).toBe("PENDING");

    const changed = await change(lab.aws, TYPE, state, { operator_role: role("untagged") }).catch((e: Error) => e);
    expect(String(changed)).toContain("may not ec2:CreateTags");
    await expect(run()).rejects.toThrow("is FAILED, not ACTIVE");

    await destroy(lab.aws, TYPE, state);
    await expect(run()).rejects.toThrow("not found");
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabRegions, startRegions } from "../../../lab/aws/regions.ts";
import type { Values } from "../../../lab/terraform/behaviour.ts";
import { trust } from "./support/apply.ts";
import { memoryGuests } from "./support/memory-guests.ts";

let regions: LabRegions;
beforeAll(async () => {
  regions = await startRegions({ guests: memoryGuests() });
});
afterAll(() => regions.stop());

async function create(region: string, type: string, planned: Values): Promise<Values> {
  const provider = type.startsWith("awscc_") ? regions.providers.awscc : regions.providers.aws;
  const { resources } = await provider.configure({ region, values: {} });
  return (await resources[type]?.create(planned)) ?? {};
}

describe("two Regions of one account", () => {
  it("have queues of their own and share roles and the names of buckets", async () => {
    const role = { name: "build", path: "/", assume_role_policy: trust() };
    for (const region of ["eu-west-1", "us-east-1"]) {
      expect(await create(region, "aws_sqs_queue", { name: "jobs" })).toMatchObject({
        arn: `arn:aws:sqs:${region}:123456789012:jobs`,
      });
    }
    await create("eu-west-1", "aws_iam_role", role);
    await create("eu-west-1", "aws_s3_bucket", { bucket: "artifacts" });

    await expect(create("us-east-1", "aws_iam_role", role)).rejects.toThrow("EntityAlreadyExists");
    await expect(create("us-east-1", "aws_s3_bucket", { bucket: "artifacts" })).rejects.toThrow(
      "BucketAlreadyOwnedByYou",
    );
    expect((await regions.in("us-east-1")).iam).toBe((await regions.in("eu-west-1")).iam);
  });

  it("tell the Region of the awscc provider by the id of a list", async () => {
    const { dataSources } = await regions.providers.awscc.configure({ region: "us-west-2", values: {} });

    expect(await dataSources?.awscc_lambda_microvm_images?.read({})).toEqual({ id: "us-west-2", ids: [] });
  });

  it("are no Regions by any other name", async () => {
    await expect(regions.providers.aws.configure({ region: "ireland", values: {} })).rejects.toThrow(
      "invalid AWS Region: ireland",
    );
  });
});

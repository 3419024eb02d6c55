import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region/index.js";
import { Construct } from "constructs";
import { explain } from "../synth/explain.ts";
import { AwsccData } from "./awscc-data.ts";

/** Where the module is applied; the rest of the module reads it from the locals. */
export class Data extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new DataAwsCallerIdentity(this, "identity.current");
    new DataAwsPartition(this, "partition.current");
    new DataAwsRegion(this, "region.current");
    explain(
      new AwsccData(this, "images.awscc", "awscc_lambda_microvm_images"),
      [
        "Its id is the Region of the awscc provider, which has no other way to say so before it has made something",
        "(terraform-provider-awscc, internal/generic/plural_data_source.go).",
      ].join("\n"),
    );
  }
}

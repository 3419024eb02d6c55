import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { Construct } from "constructs";
import { explain } from "../synth/explain.ts";
import { local } from "./reference.ts";

/** A schedule that names no group is in this one. */
const SCHEDULE_GROUP = `arn:${local("partition")}:scheduler:${local("region")}:${local("account_id")}:schedule-group/default`;
const LAMBDA = [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }];

/** Who may take on the module's roles. */
export class Iam extends Construct {
  readonly functionTrust: DataAwsIamPolicyDocument;
  readonly microvmTrust: DataAwsIamPolicyDocument;
  readonly scheduleTrust: DataAwsIamPolicyDocument;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.functionTrust = new DataAwsIamPolicyDocument(this, "document.function_trust", {
      statement: [{ sid: "AssumeByFunction", actions: ["sts:AssumeRole"], principals: LAMBDA }],
    });
    this.microvmTrust = explain(
      new DataAwsIamPolicyDocument(this, "document.microvm_trust", {
        statement: [{ sid: "AssumeByMicrovms", actions: ["sts:AssumeRole", "sts:TagSession"], principals: LAMBDA }],
      }),
      [
        "Lambda MicroVMs sends neither aws:SourceAccount nor aws:SourceArn when it assumes a role: with a condition on",
        "either, every launch is refused with an error that blames iam:PassRole.",
      ].join("\n"),
    );
    this.scheduleTrust = explain(
      new DataAwsIamPolicyDocument(this, "document.schedule_trust", {
        statement: [
          {
            sid: "AssumeBySchedules",
            actions: ["sts:AssumeRole"],
            principals: [{ type: "Service", identifiers: ["scheduler.amazonaws.com"] }],
            condition: [
              { test: "StringEquals", variable: "aws:SourceAccount", values: [local("account_id")] },
              { test: "ArnEquals", variable: "aws:SourceArn", values: [SCHEDULE_GROUP] },
            ],
          },
        ],
      }),
      [
        "The conditions keep other schedules from using the roles through the service: those of other accounts, and those of",
        "other groups. The service names the group, and no single schedule.",
      ].join("\n"),
    );
  }
}

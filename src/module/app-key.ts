import {
  DataAwsIamPolicyDocument,
  dataAwsIamPolicyDocumentStatementToHclTerraform,
} from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { Construct } from "constructs";
import { call, conditional, equal, index, ref } from "../hcl/build.ts";
import { explain } from "../synth/explain.ts";
import { asList, asNumber, asString } from "../synth/hcl-token.ts";
import { addDynamicBlocks } from "./dynamic-blocks.ts";
import { input, local } from "./reference.ts";

const RIGHTS = { kms: "kms:Sign", secretsmanager: "secretsmanager:GetSecretValue", ssm: "ssm:GetParameter" };

const partOfArn = (position: number) => index(call("split", ":", local("app_key_arn")), position);
const SERVICE = partOfArn(2);
const REGION = partOfArn(3);

/** The right to use the App's key where it is kept outside of the module. */
export class AppKey extends Construct {
  /** The policies with it: one or none. */
  readonly policies: readonly string[];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const document = explain(
      new DataAwsIamPolicyDocument(this, "document.app_key", {
        count: asNumber(conditional(equal(input("github_app_key_source"), null), 0, 1)),
        statement: [
          { sid: "UseAppKey", actions: [asString(index(RIGHTS, SERVICE))], resources: [local("app_key_arn")] },
        ],
      }),
      [
        "UseAppKey: the one right that the service of the ARN asks for.",
        "DecryptAppKey: through a customer's key, and only for the service that keeps the parameter or secret.",
      ].join("\n"),
    );
    // Whether there is a key to decrypt with may be unknown when planning: a block, no count, depends on it.
    const keys = call("compact", [ref("var.github_app_key_source.kms_decryption_key_arn")]);
    addDynamicBlocks(
      document,
      "statement",
      keys,
      dataAwsIamPolicyDocumentStatementToHclTerraform({
        sid: "DecryptAppKey",
        actions: ["kms:Decrypt"],
        resources: [asString(ref("statement.value"))],
        condition: [
          {
            test: "StringEquals",
            variable: "kms:ViaService",
            values: [`${asString(SERVICE)}.${asString(REGION)}.amazonaws.com`],
          },
        ],
      }),
    );
    this.policies = asList(ref(`data.${document.terraformResourceType}.${document.friendlyUniqueId}[*].json`));
  }
}

import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import type { Construct } from "constructs";
import { explain } from "../synth/explain.ts";
import { asStringMap } from "../synth/hcl-token.ts";
import { allowKeyUses, type KeyUses } from "./key.ts";
import { input, local } from "./reference.ts";

export interface RoleProps {
  readonly trust: DataAwsIamPolicyDocument;
  readonly description: string;
  /** Absent: `name` behind the prefix. */
  readonly roleName?: string;
  readonly statements: readonly DataAwsIamPolicyDocumentStatement[];
  /** Services through which it uses what is encrypted with the customer's key. */
  readonly keyUses?: KeyUses;
  /** Policies whose statements are added, as JSON documents. */
  readonly policies?: readonly string[];
  /** Why the statements are as they are, for readers of the module. */
  readonly reasons?: readonly string[];
}

/** A role and its one policy, all under the same name. */
export interface Role {
  readonly role: IamRole;
  readonly policy: IamRolePolicy;
}

/** Adds a role with one inline policy to the scope: what `name` may do is what the statements say. */
export function addRole(
  scope: Construct,
  name: string,
  { trust, description, roleName, statements, keyUses, policies, reasons = [] }: RoleProps,
): Role {
  const role = new IamRole(scope, `role.${name}`, {
    name: roleName ?? `${input("name_prefix")}-${name.replaceAll("_", "-")}`,
    path: input("role_path"),
    description,
    permissionsBoundary: input("permissions_boundary"),
    assumeRolePolicy: trust.json,
    tags: asStringMap(local("tags")),
  });
  const document = new DataAwsIamPolicyDocument(scope, `document.${name}`, {
    statement: [...statements],
    ...(policies === undefined ? {} : { sourcePolicyDocuments: [...policies] }),
  });
  if (keyUses !== undefined) allowKeyUses(document, keyUses);
  if (reasons.length > 0) explain(document, reasons.join("\n"));
  const policy = new IamRolePolicy(scope, `policy.${name}`, { name, role: role.id, policy: document.json });
  return { role, policy };
}

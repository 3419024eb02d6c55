import { iamAt } from "../../cli/aws/iam-endpoint.ts";
import { element, queryCall } from "../../cli/aws/query-call.ts";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import { awsServiceEndpoint } from "../../dispatcher/aws/transport/aws-endpoint.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import { NotFoundError, RefusedError, TransientError } from "../../dispatcher/errors.ts";

/** A role of the caller's account with one policy of its own. Each call throws a DispatcherError. */
export interface ApplyingRole {
  /** Makes it, or completes one that was left half made. */
  make(role: { name: string; partition: string; account: string; policy: object }): Promise<void>;
  /** Credentials that are good for an hour; refused while IAM does not know the role everywhere. */
  assume(role: { name: string; partition: string; account: string }): Promise<AwsAccess>;
  /** Also of what is gone already. */
  remove(name: string): Promise<void>;
}

const POLICY_NAME = "published";

export function createApplyingRole(access: AwsAccess, environment: Environment): ApplyingRole {
  const iam = (action: string, parameters: Readonly<Record<string, string>>) => {
    const to = { service: "iam", ...iamAt(environment, access.region), version: "2010-05-08" };
    return queryCall(access, to, action, parameters);
  };
  return {
    async make({ name, partition, account, policy }) {
      // The caller's own policies decide who in the account may assume it.
      const trust = {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: `arn:${partition}:iam::${account}:root` },
            Action: "sts:AssumeRole",
          },
        ],
      };
      const made = iam("CreateRole", { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
      await made.catch((error: unknown) => {
        if (!(error instanceof RefusedError) || !error.message.includes("EntityAlreadyExists")) throw error;
      });
      await iam("PutRolePolicy", {
        RoleName: name,
        PolicyName: POLICY_NAME,
        PolicyDocument: JSON.stringify(policy),
      });
    },
    async assume({ name, partition, account }) {
      const { region } = access;
      const url = awsEndpoint(environment, "sts") ?? awsServiceEndpoint("sts", region);
      const xml = await queryCall(access, { service: "sts", region, url, version: "2011-06-15" }, "AssumeRole", {
        RoleArn: `arn:${partition}:iam::${account}:role/${name}`,
        RoleSessionName: "smoke",
      });
      const [accessKeyId, secretAccessKey, sessionToken] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(
        (each) => element(xml, each),
      );
      if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
        throw new TransientError("AssumeRole answered in another shape");
      }
      return { region, credentials: { accessKeyId, secretAccessKey, sessionToken } };
    },
    async remove(name) {
      await absent(iam("DeleteRolePolicy", { RoleName: name, PolicyName: POLICY_NAME }));
      await absent(iam("DeleteRole", { RoleName: name }));
    },
  };
}

async function absent(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (!(error instanceof NotFoundError)) throw error;
  });
}

import * as v from "valibot";
import { awsServiceEndpoint, signingName } from "../../dispatcher/aws/transport/aws-endpoint.ts";
import { createRestRpc } from "../../dispatcher/aws/transport/rpc.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import { NotFoundError, TransientError } from "../../dispatcher/errors.ts";
import { iamAt } from "./iam-endpoint.ts";
import { element, queryCall } from "./query-call.ts";
import type { AwsAccess } from "./resolve-aws.ts";

/** What set-up asks about the account before anything is there. Each throws a DispatcherError. */
export interface AccountReader {
  identity(): Promise<{ account: string; partition: string; who: string }>;
  /** How many images AWS offers for MicroVMs in a Region: refused where there are none. */
  managedImages(region: string): Promise<number>;
  hasRole(name: string): Promise<boolean>;
}

const images = v.object({ items: v.array(v.unknown()) });

export function createAccountReader(access: AwsAccess, environment: Environment): AccountReader {
  const { region } = access;
  const urlOf = (service: string, at: string) => awsEndpoint(environment, service) ?? awsServiceEndpoint(service, at);
  return {
    async identity() {
      const to = { service: "sts", region, url: urlOf("sts", region), version: "2011-06-15" };
      const xml = await queryCall(access, to, "GetCallerIdentity");
      const [account, arn] = [element(xml, "Account"), element(xml, "Arn")];
      if (account === undefined || arn === undefined)
        throw new TransientError("GetCallerIdentity answered in another shape");
      const [, partition = "aws", , , , ...who] = arn.split(":");
      return { account, partition, who: who.join(":") };
    },
    async managedImages(at) {
      const fetch = createSignedFetch({
        service: signingName("lambda-microvms"),
        region: at,
        credentials: () => access.credentials,
        endpoint: awsEndpoint(environment, "lambda-microvms"),
      });
      const operation = {
        name: "ListManagedMicrovmImages",
        method: "GET",
        path: "/2025-09-09/managed-microvm-images",
      } as const;
      const answer = await createRestRpc(fetch)({
        operation,
        answer: images,
        what: `ListManagedMicrovmImages in ${at}`,
      });
      return answer.items.length;
    },
    async hasRole(name) {
      const to = { service: "iam", ...iamAt(environment, region), version: "2010-05-08" };
      try {
        await queryCall(access, to, "GetRole", { RoleName: name });
        return true;
      } catch (error: unknown) {
        if (error instanceof NotFoundError) return false;
        throw error;
      }
    },
  };
}

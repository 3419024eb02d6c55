import { type Account, iamArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import type { Service } from "./gateway/service.ts";

/** STS, as far as saying who calls: nobody needs a right for that (STS API reference, GetCallerIdentity). */
export function createTokenService(account: Account): Service {
  return {
    protocol: "rest-xml",
    operationOf(request) {
      const operation = new URLSearchParams(request.body.toString("utf8")).get("Action") ?? "";
      if (operation === "GetCallerIdentity") return operation;
      throw new AwsError("InvalidAction", 400, `the lab's STS has no operation '${operation}'`);
    },
    async perform(_request, { caller }) {
      const arn = iamArn(account, `assumed-role/${caller.roleName}/${caller.sessionName}`).replace(":iam::", ":sts::");
      const result = `<Arn>${arn}</Arn><UserId>AROALAB:${caller.sessionName}</UserId><Account>${account.accountId}</Account>`;
      const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
      return { status: 200, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
    },
  };
}

import { type Account, iamArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import type { Service } from "../gateway/service.ts";
import type { Iam } from "./iam.ts";

/** IAM's own API, as far as looking at one role goes. */
export function createIamService(account: Account, iam: Pick<Iam, "roles">): Service {
  return {
    protocol: "rest-xml",
    operationOf(request) {
      const operation = new URLSearchParams(request.body.toString("utf8")).get("Action") ?? "";
      if (operation === "GetRole") return operation;
      throw new AwsError("InvalidAction", 400, `the lab's IAM has no operation '${operation}'`);
    },
    async perform(request, { authorize }) {
      const name = new URLSearchParams(request.body.toString("utf8")).get("RoleName") ?? "";
      const role = iam.roles.get(name);
      await authorize({ action: "iam:GetRole", resource: role?.arn ?? iamArn(account, `role/${name}`) });
      if (role === undefined) {
        throw new AwsError("NoSuchEntity", 404, `The role with name ${name} cannot be found.`);
      }
      const body = `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><RoleName>${name}</RoleName><Arn>${role.arn}</Arn></Role></GetRoleResult></GetRoleResponse>`;
      return { status: 200, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
    },
  };
}

import { type Account, iamArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import type { Service } from "../gateway/service.ts";
import type { Iam } from "./iam.ts";
import type { PolicyDocument } from "./policy-document.ts";
import type { Role } from "./role-store.ts";

const OPERATIONS = ["CreateRole", "DeleteRole", "DeleteRolePolicy", "GetRole", "PutRolePolicy"] as const;

type Operation = (parameters: URLSearchParams, role: Role | undefined) => string;

/** IAM's own API, as far as looking at one role goes, and making and removing one with policies of its own. */
export function createIamService(account: Account, iam: Pick<Iam, "roles">): Service {
  const operations: Record<(typeof OPERATIONS)[number], Operation> = {
    GetRole: (parameters, role) => roleElement(known(parameters, role)),
    CreateRole(parameters, role) {
      const name = parameters.get("RoleName") ?? "";
      if (role !== undefined || iam.roles.twinOf(name) !== undefined) {
        throw new AwsError("EntityAlreadyExists", 409, `Role with name ${name} already exists.`);
      }
      const trust = documentIn(parameters, "AssumeRolePolicyDocument");
      return roleElement(iam.roles.create({ name, path: parameters.get("Path") ?? "/", trust }));
    },
    PutRolePolicy(parameters, role) {
      const policy = documentIn(parameters, "PolicyDocument");
      known(parameters, role).policies.set(parameters.get("PolicyName") ?? "", policy);
      return "";
    },
    DeleteRolePolicy(parameters, role) {
      const name = parameters.get("PolicyName") ?? "";
      if (known(parameters, role).policies.delete(name)) return "";
      throw new AwsError("NoSuchEntity", 404, `The role policy with name ${name} cannot be found.`);
    },
    DeleteRole(parameters, role) {
      const { name, policies } = known(parameters, role);
      // IAM API reference, DeleteRole: only a role without policies can be deleted.
      if (policies.size > 0)
        throw new AwsError("DeleteConflict", 409, "Cannot delete entity, must delete policies first.");
      iam.roles.delete(name);
      return "";
    },
  };
  return {
    protocol: "rest-xml",
    operationOf(request) {
      const operation = new URLSearchParams(request.body.toString("utf8")).get("Action") ?? "";
      if (OPERATIONS.some((each) => each === operation)) return operation;
      throw new AwsError("InvalidAction", 400, `the lab's IAM has no operation '${operation}'`);
    },
    async perform(request, { operation, authorize }) {
      const parameters = new URLSearchParams(request.body.toString("utf8"));
      const name = parameters.get("RoleName") ?? "";
      const role = iam.roles.get(name);
      await authorize({ action: `iam:${operation}`, resource: role?.arn ?? iamArn(account, `role/${name}`) });
      const perform = OPERATIONS.find((each) => each === operation);
      const result = perform === undefined ? "" : operations[perform](parameters, role);
      const body = `<${operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${operation}Result>${result}</${operation}Result></${operation}Response>`;
      return { status: 200, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
    },
  };
}

function roleElement({ name, arn }: Role): string {
  return `<Role><RoleName>${name}</RoleName><Arn>${arn}</Arn></Role>`;
}

function known(parameters: URLSearchParams, role: Role | undefined): Role {
  if (role !== undefined) return role;
  throw new AwsError("NoSuchEntity", 404, `The role with name ${parameters.get("RoleName")} cannot be found.`);
}

function documentIn(parameters: URLSearchParams, name: string): PolicyDocument {
  try {
    return JSON.parse(parameters.get(name) ?? "");
  } catch {
    throw new AwsError("MalformedPolicyDocument", 400, `${name} is not JSON.`);
  }
}

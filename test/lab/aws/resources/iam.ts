import { validateIdentityPolicy, validateTrustPolicy } from "@cloud-copilot/iam-policy";
import { ProviderError, type ResourceBehaviour } from "../../terraform/behaviour.ts";
import type { Iam } from "../iam/iam.ts";
import type { PolicyDocument } from "../iam/role-store.ts";
import { nameOf, text } from "./values.ts";

/** Roles and their inline policies. */
export function iamResources(iam: Iam): Record<string, ResourceBehaviour> {
  return {
    aws_iam_role: {
      create(planned) {
        const name = nameOf(planned);
        if (iam.roles.get(name) !== undefined) {
          throw new ProviderError(
            `creating IAM Role (${name}): EntityAlreadyExists: Role with name ${name} already exists.`,
          );
        }
        const role = iam.roles.create({
          name,
          path: text(planned, "path") || "/",
          trust: trustOf(planned.assume_role_policy),
        });
        return { id: name, name, arn: role.arn, unique_id: role.id, create_date: new Date().toISOString() };
      },
      read: (state) => (iam.roles.get(text(state, "id")) === undefined ? null : {}),
      update(planned, prior) {
        const role = iam.roles.get(text(prior, "id"));
        if (role !== undefined) role.trust = trustOf(planned.assume_role_policy);
        return {};
      },
      delete(state) {
        const role = iam.roles.get(text(state, "id"));
        if (role !== undefined && role.policies.size > 0) {
          throw new ProviderError(
            `deleting IAM Role (${role.name}): DeleteConflict: Cannot delete entity, must delete policies first.`,
          );
        }
        iam.roles.delete(text(state, "id"));
      },
    },
    aws_iam_role_policy: {
      create(planned) {
        const name = nameOf(planned);
        const role = text(planned, "role");
        put(iam, role, name, planned.policy);
        return { id: `${role}:${name}`, name };
      },
      read: (state) => (iam.roles.get(text(state, "role"))?.policies.has(text(state, "name")) ? {} : null),
      update(planned) {
        put(iam, text(planned, "role"), text(planned, "name"), planned.policy);
        return {};
      },
      delete: (state) => void iam.roles.get(text(state, "role"))?.policies.delete(text(state, "name")),
    },
  };
}

function put(iam: Iam, roleName: string, name: string, policy: unknown): void {
  const role = iam.roles.get(roleName);
  if (role === undefined) {
    throw new ProviderError(
      `putting IAM Role (${roleName}) Policy (${name}): NoSuchEntity: The role with name ${roleName} cannot be found.`,
    );
  }
  const document = parse(policy);
  refuseMalformed(validateIdentityPolicy(document));
  role.policies.set(name, document);
}

function trustOf(policy: unknown): PolicyDocument {
  const document = parse(policy);
  refuseMalformed(validateTrustPolicy(document));
  return document;
}

function parse(policy: unknown): PolicyDocument {
  try {
    const document: unknown = JSON.parse(typeof policy === "string" ? policy : "");
    if (typeof document === "object" && document !== null) return { ...document };
  } catch {
    // Told below: IAM says the same of a text that is no JSON and of JSON that is no policy.
  }
  throw new ProviderError("MalformedPolicyDocument: This policy contains invalid Json");
}

function refuseMalformed(errors: { message: string; path: string }[]): void {
  const [first] = errors;
  if (first !== undefined) throw new ProviderError(`MalformedPolicyDocument: ${first.message} (${first.path})`);
}

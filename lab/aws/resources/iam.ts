import { validateIdentityPolicy, validateTrustPolicy } from "@cloud-copilot/iam-policy";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { iamArn } from "../account.ts";
import type { Iam } from "../iam/iam.ts";
import type { PolicyDocument, Role } from "../iam/role-store.ts";
import { nameOf, object, text } from "./values.ts";

/** Roles, their inline policies and boundaries, and customer managed policies. */
export function iamResources(iam: Iam): Record<string, ResourceBehaviour> {
  return {
    ...managedPolicyResources(iam),
    aws_iam_role: {
      create(planned) {
        const name = nameOf(planned);
        refuseTwinTags("Role", name, planned);
        // IAM guide, names: they are not distinguished by case.
        if (iam.roles.twinOf(name) !== undefined) {
          throw new ProviderError(
            `creating IAM Role (${name}): EntityAlreadyExists: Role with name ${name} already exists.`,
          );
        }
        const role = iam.roles.create({
          name,
          path: text(planned, "path") || "/",
          trust: trustOf(planned.assume_role_policy),
        });
        setBoundary(iam, role, planned);
        return { id: name, name, arn: role.arn, unique_id: role.id, create_date: new Date().toISOString() };
      },
      read: (state) => (iam.roles.get(text(state, "id")) === undefined ? null : {}),
      update(planned, prior) {
        const role = iam.roles.get(text(prior, "id"));
        if (role === undefined) return {};
        refuseTwinTags("Role", role.name, planned);
        role.trust = trustOf(planned.assume_role_policy);
        setBoundary(iam, role, planned);
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

function managedPolicyResources(iam: Iam): Record<string, ResourceBehaviour> {
  return {
    aws_iam_policy: {
      create(planned) {
        const name = nameOf(planned);
        const arn = iamArn(iam.account, `policy${text(planned, "path") || "/"}${name}`);
        refuseTwinTags("Policy", name, planned);
        if ([...iam.managedPolicies.keys()].some((other) => other.toLowerCase() === arn.toLowerCase())) {
          throw new ProviderError(
            `creating IAM Policy (${name}): EntityAlreadyExists: A policy called ${name} already exists.`,
          );
        }
        iam.managedPolicies.set(arn, policyOf(planned.policy));
        return { id: arn, arn, name };
      },
      read: (state) => (iam.managedPolicies.has(text(state, "arn")) ? {} : null),
      update(planned) {
        const arn = text(planned, "arn");
        const document = policyOf(planned.policy);
        iam.managedPolicies.set(arn, document);
        for (const role of iam.roles.all()) {
          if (role.policies.has(arn)) role.policies.set(arn, document);
          if (role.boundaryArn === arn) role.boundary = document;
        }
        return {};
      },
      delete: (state) => void iam.managedPolicies.delete(text(state, "arn")),
    },
    aws_iam_role_policy_attachment: {
      create(planned) {
        const [name, arn] = [text(planned, "role"), text(planned, "policy_arn")];
        const role = iam.roles.get(name);
        if (role === undefined) throw new ProviderError(`NoSuchEntity: The role with name ${name} cannot be found.`);
        role.policies.set(arn, managedPolicy(iam, arn));
        return { id: `${name}/${arn}` };
      },
      delete: (state) => void iam.roles.get(text(state, "role"))?.policies.delete(text(state, "policy_arn")),
    },
  };
}

/** Keys of tags that differ in case only are one key to IAM (IAM guide, tags: not case sensitive). */
function refuseTwinTags(kind: string, name: string, planned: Values): void {
  const keys = Object.keys(object(planned, "tags_all")).map((key) => key.toLowerCase());
  if (new Set(keys).size === keys.length) return;
  throw new ProviderError(
    `creating IAM ${kind} (${name}): InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.`,
  );
}

function setBoundary(iam: Iam, role: Role, planned: Values): void {
  const arn = text(planned, "permissions_boundary");
  delete role.boundary;
  delete role.boundaryArn;
  if (arn === "") return;
  role.boundary = managedPolicy(iam, arn);
  role.boundaryArn = arn;
}

function managedPolicy(iam: Iam, arn: string): PolicyDocument {
  const policy = iam.managedPolicies.get(arn);
  if (policy === undefined) {
    throw new ProviderError(
      `NoSuchEntity: Policy ${arn} does not exist or is not attachable; the lab has customer policies only`,
    );
  }
  return policy;
}

function put(iam: Iam, roleName: string, name: string, policy: unknown): void {
  const role = iam.roles.get(roleName);
  if (role === undefined) {
    throw new ProviderError(
      `putting IAM Role (${roleName}) Policy (${name}): NoSuchEntity: The role with name ${roleName} cannot be found.`,
    );
  }
  role.policies.set(name, policyOf(policy));
}

function policyOf(policy: unknown): PolicyDocument {
  const document = parse(policy);
  refuseMalformed(validateIdentityPolicy(document));
  return document;
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

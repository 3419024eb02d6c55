import { randomBytes } from "node:crypto";
import { type Account, iamArn } from "../account.ts";
import type { PolicyDocument } from "./policy-document.ts";
import type { SettlingPolicies } from "./settling-policies.ts";

export type { PolicyDocument } from "./policy-document.ts";

export interface Role {
  name: string;
  path: string;
  arn: string;
  id: string;
  trust: PolicyDocument;
  policies: SettlingPolicies;
  boundary?: PolicyDocument;
  boundaryArn?: string;
}

export interface RoleStore {
  create(input: { name: string; path: string; trust: PolicyDocument }): Role;
  get(name: string): Role | undefined;
  /** The role whose name is the same but for case, or the same. */
  twinOf(name: string): Role | undefined;
  byArn(arn: string): Role | undefined;
  delete(name: string): void;
  all(): Role[];
}

/** The roles of an account. */
export function createRoleStore(account: Account, newPolicies: () => SettlingPolicies): RoleStore {
  const roles = new Map<string, Role>();
  return {
    create({ name, path, trust }) {
      const role: Role = {
        name,
        path,
        arn: iamArn(account, `role${path}${name}`),
        id: `AROA${randomBytes(8).toString("hex").toUpperCase()}`,
        trust,
        policies: newPolicies(),
      };
      roles.set(name, role);
      return role;
    },
    get: (name) => roles.get(name),
    twinOf: (name) => [...roles.values()].find((role) => role.name.toLowerCase() === name.toLowerCase()),
    byArn: (arn) => [...roles.values()].find((role) => role.arn === arn),
    delete: (name) => void roles.delete(name),
    all: () => [...roles.values()],
  };
}

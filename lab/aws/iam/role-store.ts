import { randomBytes } from "node:crypto";
import { type Account, iamArn } from "../account.ts";

/** A policy document, as parsed JSON. */
export type PolicyDocument = Record<string, unknown>;

export interface Role {
  name: string;
  path: string;
  arn: string;
  id: string;
  trust: PolicyDocument;
  policies: Map<string, PolicyDocument>;
  boundary?: PolicyDocument;
  boundaryArn?: string;
}

export interface RoleStore {
  create(input: { name: string; path: string; trust: PolicyDocument }): Role;
  get(name: string): Role | undefined;
  byArn(arn: string): Role | undefined;
  delete(name: string): void;
  all(): Role[];
}

/** The roles of an account. */
export function createRoleStore(account: Account): RoleStore {
  const roles = new Map<string, Role>();
  return {
    create({ name, path, trust }) {
      const role: Role = {
        name,
        path,
        arn: iamArn(account, `role${path}${name}`),
        id: `AROA${randomBytes(8).toString("hex").toUpperCase()}`,
        trust,
        policies: new Map(),
      };
      roles.set(name, role);
      return role;
    },
    get: (name) => roles.get(name),
    byArn: (arn) => [...roles.values()].find((role) => role.arn === arn),
    delete: (name) => void roles.delete(name),
    all: () => [...roles.values()],
  };
}

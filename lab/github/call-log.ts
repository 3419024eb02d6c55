/** One call of the REST API. */
export interface ApiCall {
  at: number;
  method: string;
  /**
   * As in the API description, such as `/repos/{owner}/{repo}/actions/runners`; the path when there is no such
   * operation.
   */
  route: string;
  path: string;
  operationId: string | null;
  status: number;
  /**
   * The permission that the call needs, such as `administration:write`; null for one that needs none or an App's JWT.
   */
  permission: string | null;
  caller: "app" | "installation" | "nobody";
  /** What the token reaches: names of repositories, or `all`. */
  repositories: "all" | string[] | null;
  /** What the token may do. */
  permissions: Record<string, string> | null;
}

/** The permissions that were granted to the tokens used, and those that their calls needed. */
export interface PrivilegeReport {
  /** Names such as `administration:write`. */
  granted: string[];
  used: string[];
  /** Granted to a token and never needed; `metadata:read` comes with every token. */
  unused: string[];
}

/** What tokens could do against what they did. */
export function reportPrivileges(calls: readonly ApiCall[]): PrivilegeReport {
  const granted = new Set<string>();
  const used = new Set<string>();
  for (const { permissions, permission } of calls) {
    for (const [name, access] of Object.entries(permissions ?? {})) granted.add(`${name}:${access}`);
    if (permission !== null) used.add(permission);
  }
  const unused = [...granted].filter((name) => name !== "metadata:read" && !used.has(name));
  return { granted: [...granted].sort(), used: [...used].sort(), unused: unused.sort() };
}

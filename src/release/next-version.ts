export interface Commit {
  readonly subject: string;
  readonly body: string;
}

export interface Change {
  readonly kind: "breaking" | "feature" | "fix";
  /** In the user's words: the subject, as a sentence. */
  readonly text: string;
}

/** Scopes of which nothing reaches a user of the module. */
const INTERNAL_SCOPES = ["build", "lab", "test"];

/** What commits change for users, told from their conventional subjects; oldest first, as given. */
export function userChanges(commits: readonly Commit[]): Change[] {
  return commits.flatMap(({ subject, body }): Change[] => {
    const [, type, scope = "", mark, text] = /^(\w+)(?:\(([^)]*)\))?(!?): (.+)$/.exec(subject) ?? [];
    const breaking = /^BREAKING[ -]CHANGE: (.+(?:\n(?!\n|[\w-]+: ).+)*)/m.exec(body)?.[1]?.replaceAll("\n", " ");
    if (text === undefined || INTERNAL_SCOPES.includes(scope)) return [];
    if (mark === "!" || breaking !== undefined) return [{ kind: "breaking", text: sentence(breaking ?? text) }];
    if (type === "feat") return [{ kind: "feature", text: sentence(text) }];
    return type === "fix" || type === "perf" || type === "revert" ? [{ kind: "fix", text: sentence(text) }] : [];
  });
}

/**
 * The version to release, or undefined when users would get what they have. Commits that say nothing to users can still
 * change the module, as those that upgrade what is bundled do.
 */
export function nextVersion(
  previous: string | undefined,
  changes: readonly Change[],
  moduleChanged: boolean,
): string | undefined {
  if (previous === undefined) return "1.0.0";
  const [major = 0, minor = 0, patch = 0] = previous.split(".").map(Number);
  const kinds = new Set(changes.map(({ kind }) => kind));
  if (kinds.has("breaking")) return `${major + 1}.0.0`;
  if (kinds.has("feature")) return `${major}.${minor + 1}.0`;
  return kinds.has("fix") || moduleChanged ? `${major}.${minor}.${patch + 1}` : undefined;
}

/** Whether a version is one that the Registry takes, and higher than another. */
export function isHigher(version: string, than: string | undefined): boolean {
  const parts = parseVersion(version);
  if (parts === undefined) return false;
  const others = than === undefined ? undefined : parseVersion(than);
  if (others === undefined) return true;
  const index = parts.findIndex((part, at) => part !== others[at]);
  return index !== -1 && (parts[index] ?? 0) > (others[index] ?? 0);
}

function parseVersion(version: string): number[] | undefined {
  return /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(version)?.slice(1).map(Number);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}

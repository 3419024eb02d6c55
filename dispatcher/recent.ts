/** Remembers the latest few names: an execution environment lives for hours, and its memory may not grow with them. */
export interface Recent {
  has(name: string): boolean;
  add(name: string): void;
}

/** Remembers at most `limit` names and forgets the oldest first. */
export function rememberRecent(limit: number): Recent {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add(name) {
      names.add(name);
      const [oldest] = names;
      if (names.size > limit && oldest !== undefined) names.delete(oldest);
    },
  };
}

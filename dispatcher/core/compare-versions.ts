/** Below zero when `a` is the older of two versions, numbers with dots between them. */
export function compareVersions(a: string, b: string): number {
  const theirs = b.split(".");
  for (const [index, part] of a.split(".").entries()) {
    const difference = Number(part) - Number(theirs[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A rule of checkov that a resource's block leaves out. */
export interface Skip {
  rule: string;
  /** As checkov names it, such as `aws_s3_bucket.artifacts`. */
  resource: string;
  reason: string;
}

const BLOCK = /^(resource|data) "([^"]+)" "([^"]+)" \{$/;
const SKIP = /checkov:skip=([A-Z0-9_]+)(?::(.*))?$/;

/** The skips of a file in the layout of `terraform fmt`; one outside a resource would be without effect. */
export function readSkips(hcl: string): Skip[] {
  const skips: Skip[] = [];
  let resource: string | undefined;
  for (const line of hcl.split("\n")) {
    const [, kind, type, name] = BLOCK.exec(line) ?? [];
    if (kind !== undefined) resource = kind === "data" ? `data.${type}.${name}` : `${type}.${name}`;
    else if (line === "}") resource = undefined;
    const [, rule, reason = ""] = SKIP.exec(line.trimEnd()) ?? [];
    if (rule === undefined) continue;
    if (resource === undefined) throw new Error(`a skip of ${rule} stands outside a resource: ${line}`);
    skips.push({ rule, resource, reason: reason.trim() });
  }
  return skips;
}

/** The file without its skips. */
export function withoutSkips(hcl: string): string {
  return hcl
    .split("\n")
    .filter((line) => !SKIP.test(line.trimEnd()))
    .join("\n");
}

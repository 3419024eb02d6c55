import type { Skip } from "./scan-skips.ts";

/** What checkov said of the module and its examples, as conformance recorded it. */
export interface ScanRecord {
  version: string;
  /** What each rule asks for that is left out somewhere. */
  asks: Readonly<Record<string, string>>;
  /** The rules that resources of a type keep, wherever no skip stands. */
  passes: Readonly<Record<string, readonly string[]>>;
}

/** The tables of docs/SECURITY.md: exceptions from the skips, passes from checkov's list. */
export function printScanRules(skips: readonly Skip[], record: ScanRecord): string {
  const byRule = Map.groupBy(skips, ({ rule }) => rule);
  const exceptions = [...byRule].toSorted(byNumber).map(([rule, those]) => {
    const reasons = [...new Set(those.map(({ reason }) => reason))].join("; ");
    return `| ${rule} | ${record.asks[rule] ?? "not recorded"} | ${whereOf(those)} | ${reasons} |`;
  });
  const passes = Object.entries(record.passes)
    .toSorted()
    .map(([type, rules]) => `| \`${type}\` | ${shorten(rules)} |`);
  return [
    `Exceptions, each of which stands beside its resource as a \`checkov:skip\`, so that a scan of yours does not report it:`,
    "",
    "| Rule | Asks for | Where | Why not |",
    "| --- | --- | --- | --- |",
    ...exceptions,
    "",
    `What checkov ${record.version} found kept:`,
    "",
    "| Type | Rules |",
    "| --- | --- |",
    ...passes,
  ].join("\n");
}

function whereOf(skips: readonly Skip[]): string {
  const types = Map.groupBy(skips, ({ resource }) => resource.split(".").at(-2) ?? resource);
  return [...types]
    .map(([type, those]) => `\`${type}\` ${those.map(({ resource }) => resource.split(".").at(-1)).join(", ")}`)
    .join("; ");
}

const numberOf = (rule: string) => Number(/\d+$/.exec(rule)?.[0]);
const familyOf = (rule: string) => rule.replace(/\d+$/, "");

function byNumber([one]: [string, unknown], [other]: [string, unknown]): number {
  return familyOf(one).localeCompare(familyOf(other)) || numberOf(one) - numberOf(other);
}

/** `CKV_AWS_1, 24 to 26`: a family is named once. */
function shorten(rules: readonly string[]): string {
  const families = Map.groupBy(rules, familyOf);
  return [...families]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([family, those]) => {
      const numbers = those.map(numberOf).toSorted((one, other) => one - other);
      return `${family}${runs(numbers).join(", ")}`;
    })
    .join("; ");
}

function runs(numbers: readonly number[]): string[] {
  const texts: string[] = [];
  for (let from = 0, to = 0; from < numbers.length; from = ++to) {
    while (numbers[to + 1] === (numbers[to] ?? 0) + 1) to++;
    if (to - from > 1) texts.push(`${numbers[from]} to ${numbers[to]}`);
    else texts.push(...numbers.slice(from, to + 1).map(String));
  }
  return texts;
}

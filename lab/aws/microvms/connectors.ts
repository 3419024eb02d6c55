import type { Account } from "../account.ts";
import { checkList, requireString, SHAPES } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";

/** ARN of a connector that AWS provides, such as `NO_INGRESS`. */
export function managedConnector(account: Account, name: string): string {
  return `arn:${account.partition}:lambda:${account.region}:aws:network-connector:aws-network-connector:${name}`;
}

const MANAGED_INGRESS = ["ALL_INGRESS", "HTTP_INGRESS", "NO_INGRESS", "SHELL_INGRESS"];

/** Reads a list of connectors: full ARNs only, a bare name is refused (microvm-platform 2.7). */
export function readConnectors(
  account: Account,
  path: string,
  value: unknown,
  kind: "ingress" | "egress",
  max: number,
): string[] | undefined {
  return checkList(path, value, max)?.map((item, index) => {
    const arn = requireString(`${path}.${index + 1}.member`, item, SHAPES.connector);
    if (!/^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:(aws|\d{12}):network-connector:.+$/.test(arn)) {
      throw microvmErrors.validation("Malformed network connector ARN");
    }
    const known = (kind === "ingress" ? MANAGED_INGRESS : ["INTERNET_EGRESS"]).map((name) =>
      managedConnector(account, name),
    );
    if (arn.includes(":aws:network-connector:") && !known.includes(arn)) {
      throw microvmErrors.validation(`Network connector ${arn} cannot be used for ${kind}`);
    }
    return arn;
  });
}

import type { Values } from "../../behaviour.ts";
import type { ProviderContext } from "../../type-rules.ts";

type Compute = (values: Values, context: ProviderContext, unique: string) => string;

/** The ARN `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, whose last part is made of the resource's values. */
export function regionalArn(service: string, resource: (values: Values, unique: string) => string): Compute {
  return (values, { account, partition, region }, unique) =>
    `arn:${partition}:${service}:${text(values, "region") || region}:${account}:${resource(values, unique)}`;
}

/** As {@link regionalArn}, of a service that has no regions. */
export function globalArn(service: string, resource: (values: Values, unique: string) => string): Compute {
  return (values, { account, partition }, unique) =>
    `arn:${partition}:${service}::${account}:${resource(values, unique)}`;
}

/** A text among the values, empty when there is none. */
export function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}

/** The value of another attribute. */
export function same(name: string): Compute {
  return (values) => text(values, name);
}

/** A name made of `name_prefix`, as the provider makes one: a time and a counter in 26 characters. */
export function nameFromPrefix(values: Values, _context: ProviderContext, unique: string): string {
  return `${text(values, "name_prefix") || "terraform-"}2026112400000000${digits(unique, 10)}`;
}

/** The first digits that a hexadecimal text makes. */
export function digits(unique: string, count: number): string {
  return BigInt(`0x${unique}`).toString().slice(0, count);
}

/** A UUID made of a hexadecimal text. */
export function uuid(unique: string): string {
  return [0, 8, 12, 16, 20].map((from, i) => unique.slice(from, [8, 12, 16, 20, 32][i])).join("-");
}

import type { Value, Values } from "../../terraform/behaviour.ts";
import type { Kms } from "../kms.ts";

/** A text among Terraform's values; empty when it is absent or null. */
export function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}

/** A number among Terraform's values, or `fallback`. */
export function number(values: Values, name: string, fallback: number): number {
  const value = values[name];
  return typeof value === "number" ? value : fallback;
}

/** The objects of a list or of blocks. */
export function objects(values: Values, name: string): Values[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter(isValues) : [];
}

/** A nested object; of blocks, the first. */
export function object(values: Values, name: string): Values {
  const value = values[name];
  if (isValues(value)) return value;
  return objects(values, name)[0] ?? {};
}

/** The texts of a list. */
export function texts(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A map of texts. */
export function textMap(values: Values, name: string): Record<string, string> {
  const value = values[name];
  if (!isValues(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (typeof item === "string" ? [[key, item]] : [])),
  );
}

function isValues(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The name, or one made of the prefix as the provider makes it. */
export function nameOf(values: Values, attribute = "name"): string {
  const given = text(values, attribute);
  if (given !== "") return given;
  const stamp = new Date().toISOString().replace(/\D/g, "").padEnd(26, "0");
  return `${text(values, `${attribute}_prefix`) || "terraform-"}${stamp}`;
}

/** Keeps the key of the customer that an attribute names for a resource; keys of the services' own are not kept. */
export function setKey({ keyOf }: Pick<Kms, "keyOf">, arn: string, values: Values, attribute: string): void {
  const key = text(values, attribute);
  if (key === "" || key.startsWith("alias/aws/")) keyOf.delete(arn);
  else keyOf.set(arn, key);
}

import { microvmErrors } from "./errors.ts";

/** Model constraints of one string member. */
export interface StringConstraint {
  min?: number;
  max?: number;
  pattern?: RegExp;
}

/** Members of the API's model (apiVersion 2025-09-09) that several operations share. */
export const SHAPES = {
  imageIdentifier: { min: 1, max: 256 },
  microvmIdentifier: { min: 1, max: 256 },
  version: { min: 1, max: 2048, pattern: /^[^\s]+$/ },
  nonBlank: { min: 1, max: 2048, pattern: /^[^\s]+$/ },
  roleArn: { min: 20, max: 2048, pattern: /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/ },
  connector: { min: 1, max: 2048 },
  clientToken: { min: 1, max: 128 },
  imageName: { min: 1, max: 64, pattern: /^[a-zA-Z0-9-_]+$/ },
  logGroup: { min: 1, max: 512, pattern: /^[a-zA-Z0-9_\-/.#]+$/ },
  logStream: { min: 1, max: 512, pattern: /^[^:*]*$/ },
  environmentKey: { min: 1, max: 256, pattern: /^[^\s]+$/ },
  environmentValue: { min: 0, max: 4096 },
  // The documentation says 16 KB; 4,096 bytes pass and 4,097 do not (microvm-platform 2.1).
  runHookPayload: { min: 0, max: 4096 },
} satisfies Record<string, StringConstraint>;

const failed = (path: string, constraint: string) =>
  microvmErrors.validation(`Value at '${path}' failed to satisfy constraint: ${constraint}`);

/** Checks an optional string; its length is counted in UTF-8 bytes (microvm-platform 2.1). */
export function checkString(path: string, value: unknown, shape: StringConstraint): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw failed(path, "Member must be a string");
  const length = Buffer.byteLength(value, "utf8");
  if (shape.max !== undefined && length > shape.max) {
    throw failed(path, `Member must have length less than or equal to ${shape.max}`);
  }
  if (shape.min !== undefined && length < shape.min) {
    throw failed(path, `Member must have length greater than or equal to ${shape.min}`);
  }
  if (shape.pattern !== undefined && !shape.pattern.test(value)) {
    throw failed(path, `Member must satisfy regular expression pattern: ${shape.pattern.source.slice(1, -1)}`);
  }
  return value;
}

/** As {@link checkString}, for a member that must be there. */
export function requireString(path: string, value: unknown, shape: StringConstraint): string {
  const text = checkString(path, value, shape);
  if (text === undefined) throw failed(path, "Member must not be null");
  return text;
}

/** Checks an optional integer and its bounds. */
export function checkInteger(path: string, value: unknown, low: number, high: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw failed(path, "Member must be an integer");
  if (value < low) throw failed(path, `Member must have value greater than or equal to ${low}`);
  if (value > high) throw failed(path, `Member must have value less than or equal to ${high}`);
  return value;
}

/** Checks an optional enumeration. */
export function checkEnum(path: string, value: unknown, values: readonly string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && values.includes(value)) return value;
  throw failed(path, `Member must satisfy enum value set: [${values.join(", ")}]`);
}

/** Checks an optional list and its number of items. */
export function checkList(path: string, value: unknown, max: number): unknown[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw failed(path, "Member must be a list");
  if (value.length > max) throw failed(path, `Member must have length less than or equal to ${max}`);
  return value;
}

/** Checks an optional structure or map. */
export function checkObject(path: string, value: unknown): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw failed(path, "Member must be a structure");
  return { ...value };
}

import * as v from "valibot";
import { TransientError } from "../errors.ts";

/** Reads a body of the shape that GitHub's API description promises; another one is a fault of the moment. */
export function readBody<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  what: string,
  body: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const field = v.getDotPath(result.issues[0]) ?? "(whole)";
  throw new TransientError(`${what}: GitHub answered in a shape that its API does not have, at ${field}`, {
    details: { field },
  });
}

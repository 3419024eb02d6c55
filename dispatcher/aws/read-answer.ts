import * as v from "valibot";
import { TransientError } from "../errors.ts";

/** Reads an answer of the shape that the service's model promises; another one is a fault of the moment. */
export function readAnswer<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  what: string,
  answer: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  const field = v.getDotPath(result.issues[0]) ?? "(whole)";
  throw new TransientError(`${what} answered in a shape its model does not have, at ${field}`, { details: { field } });
}

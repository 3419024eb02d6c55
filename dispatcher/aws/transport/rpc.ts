import * as v from "valibot";
import { type DispatcherError, TransientError } from "../../errors.ts";
import { AwsError } from "./aws-error.ts";
import { classifyAwsError } from "./classify-aws-error.ts";
import type { AwsCall, SignedFetch } from "./signed-fetch.ts";

type Schema = v.GenericSchema<unknown, unknown>;

export interface RpcCall<Operation, Answer extends Schema, Instead> {
  operation: Operation;
  /** Sent as JSON. */
  input?: object;
  /** What is read of the answer: no more than is used, for a service may leave out or add what it likes. */
  answer: Answer;
  /** What is being done and on what, in the words of errors. */
  what: string;
  /** Errors that mean something here, by their names: an Error is thrown, anything else is the call's result. */
  errors?: Readonly<Record<string, (error: AwsError) => Instead>>;
  /** What all other errors are thrown as; the service's own way by default. */
  classify?: Classify;
  /** Parts of the input that no error may repeat. */
  secrets?: readonly string[];
  isRetryable?: NonNullable<AwsCall["isRetryable"]>;
}

export type Classify = (error: AwsError, what: string) => DispatcherError;

/** Calls one operation of a service; throws a DispatcherError. */
export type Rpc<Operation> = <Answer extends Schema, Instead = never>(
  call: RpcCall<Operation, Answer, Instead>,
) => Promise<v.InferOutput<Answer> | Exclude<Instead, Error>>;

/** An operation of a service that speaks REST-JSON. */
export interface RestOperation {
  name: string;
  method: AwsCall["method"];
  /** With its parts encoded by {@link pathSegment}. */
  path: string;
  query?: Readonly<Record<string, string>>;
}

/**
 * A service that speaks AWS JSON: everything is a POST to `/`, named by a header; `target` is the service's prefix of
 * it.
 */
export function createJsonRpc(fetch: SignedFetch, target: string, version: "1.0" | "1.1"): Rpc<string> {
  return createRpc(fetch, classifyAwsError, (operation) => ({
    operation,
    method: "POST",
    path: "/",
    headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${target}.${operation}` },
  }));
}

/** DynamoDB, by the version of its API. */
export function createDynamodbRpc(fetch: SignedFetch): Rpc<string> {
  return createJsonRpc(fetch, "DynamoDB_20120810", "1.0");
}

/** A service that speaks REST-JSON. */
export function createRestRpc(fetch: SignedFetch, classify: Classify = classifyAwsError): Rpc<RestOperation> {
  return createRpc(fetch, classify, ({ name, method, path, query = {} }, input) => {
    const parameters = Object.entries(query).map(([key, value]) => `${key}=${pathSegment(value)}`);
    return {
      operation: name,
      method,
      path: parameters.length === 0 ? path : `${path}?${parameters.join("&")}`,
      ...(input === undefined ? {} : { headers: { "content-type": "application/json" } }),
    };
  });
}

/**
 * A text as the SDK writes it into a URL: it encodes all that RFC 3986 reserves, five characters more than JavaScript.
 */
export function pathSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function createRpc<Operation>(
  fetch: SignedFetch,
  byDefault: Classify,
  address: (operation: Operation, input: object | undefined) => AwsCall,
): Rpc<Operation> {
  return async ({ operation, input, answer, what, errors = {}, classify = byDefault, secrets, isRetryable }) => {
    try {
      const body = await fetch({
        ...address(operation, input),
        ...(input === undefined ? {} : { body: input }),
        ...(secrets === undefined ? {} : { secrets }),
        ...(isRetryable === undefined ? {} : { isRetryable }),
      });
      return readAnswer(answer, what, body);
    } catch (error: unknown) {
      if (!(error instanceof AwsError)) throw error;
      const own = Object.hasOwn(errors, error.code) ? errors[error.code] : undefined;
      if (own === undefined) throw classify(error, what);
      const meaning = own(error);
      if (meaning instanceof Error) throw meaning;
      // What is left of `Instead` without its errors, which the compiler cannot see.
      return meaning as Exclude<typeof meaning, Error>;
    }
  };
}

function readAnswer<Answer extends Schema>(schema: Answer, what: string, answer: unknown): v.InferOutput<Answer> {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  const field = v.getDotPath(result.issues[0]) ?? "(whole)";
  throw new TransientError(`${what} answered in a shape its model does not have, at ${field}`, { details: { field } });
}

/** Of an answer nothing is needed. */
export const anyAnswer = v.unknown();

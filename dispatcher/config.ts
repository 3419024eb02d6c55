import * as v from "valibot";
import { ConfigurationError } from "./errors.ts";

/** A process environment, or a part of one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Reads the variables that `schema` names. Variables that are set but empty count as missing. Throws a
 * ConfigurationError that names every variable that is missing or malformed, never its value.
 */
export function parseEnvironment<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  environment: Environment,
): v.InferOutput<Schema> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  return parse(schema, present, "environment variable");
}

/** Reads a secret that is a JSON document of the given shape. Throws a ConfigurationError that never quotes it. */
export function parseSecret<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  name: string,
  text: string,
): v.InferOutput<Schema> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new ConfigurationError(`SSM parameter ${name} is not JSON; apply the module again`);
  }
  return parse(schema, document, `SSM parameter ${name}: field`);
}

function parse<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  input: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    return `${what} ${path ?? "(whole)"} ${issue.received === "undefined" ? "is missing" : problemOf(issue)}`;
  });
  throw new ConfigurationError(problems.join("; "));
}

// Valibot's own messages quote what they received, which may be a secret; those of our schemas say what must hold.
function problemOf(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith("must ") ? issue.message : `must be ${issue.expected ?? "valid"}`;
}

const awsEnvironment = v.object({
  AWS_REGION: v.string(),
  AWS_ACCESS_KEY_ID: v.string(),
  AWS_SECRET_ACCESS_KEY: v.string(),
  AWS_SESSION_TOKEN: v.optional(v.string()),
});

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The Region, from the variable that the Lambda runtime sets. */
export function awsRegion(environment: Environment): string {
  return parseEnvironment(awsEnvironment, environment).AWS_REGION;
}

/** The function's credentials, from the variables that the Lambda runtime sets. */
export function awsCredentials(environment: Environment): AwsCredentials {
  const aws = parseEnvironment(awsEnvironment, environment);
  return {
    accessKeyId: aws.AWS_ACCESS_KEY_ID,
    secretAccessKey: aws.AWS_SECRET_ACCESS_KEY,
    ...(aws.AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: aws.AWS_SESSION_TOKEN }),
  };
}

/** What the AWS SDKs call services whose names are not those of their endpoints. */
const SDK_NAMES: Readonly<Record<string, string>> = {
  secretsmanager: "SECRETS_MANAGER",
  "lambda-microvms": "LAMBDA_MICROVMS",
  servicequotas: "SERVICE_QUOTAS",
};

/** Endpoint for one AWS service, as the AWS SDKs read it: `AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`. */
export function awsEndpoint(environment: Environment, service: string): string | undefined {
  const name = SDK_NAMES[service] ?? service.toUpperCase();
  return environment[`AWS_ENDPOINT_URL_${name}`] || environment.AWS_ENDPOINT_URL || undefined;
}

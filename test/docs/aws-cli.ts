import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as kms from "@aws-sdk/client-kms";
import * as microvms from "@aws-sdk/client-lambda-microvms";
import * as secretsmanager from "@aws-sdk/client-secrets-manager";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import type { ShellCommand } from "./shell-commands.ts";

/** What a command takes: its options, those that it must have, and how many words stand without one. */
interface CliCommand {
  options: readonly string[];
  required: readonly string[];
  words?: number;
}

/** Services whose SDK is installed: it carries AWS's own description of each operation's input. */
const MODELS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dynamodb: { ...dynamodb },
  kms: { ...kms },
  "lambda-microvms": { ...microvms },
  secretsmanager: { ...secretsmanager },
  sqs: { ...sqs },
  ssm: { ...ssm },
};

/** The few commands of other services, from the AWS CLI's command reference; `logs tail` is the CLI's own. */
const OTHERS: Readonly<Record<string, CliCommand>> = {
  "cloudformation continue-update-rollback": {
    options: ["stack-name", "role-arn", "resources-to-skip", "client-request-token"],
    required: ["stack-name"],
  },
  "lambda invoke": {
    options: ["function-name", "invocation-type", "log-type", "client-context", "payload", "qualifier"],
    required: ["function-name"],
    words: 1,
  },
  "lambda update-event-source-mapping": {
    options: ["uuid", "function-name", "enabled", "no-enabled", "batch-size", "scaling-config"],
    required: ["uuid"],
  },
  "logs tail": {
    options: ["since", "follow", "format", "filter-pattern", "log-stream-names", "log-stream-name-prefix"],
    required: [],
    words: 1,
  },
  "logs describe-log-groups": { options: ["log-group-name-prefix", "log-group-name-pattern", "limit"], required: [] },
  "service-quotas get-service-quota": {
    options: ["service-code", "quota-code", "context-id"],
    required: ["service-code", "quota-code"],
  },
};
const GLOBAL_OPTIONS = ["cli-binary-format", "output", "profile", "query", "region"];
/** Options that take no value. */
const FLAGS = ["consistent-read", "enabled", "follow", "no-enabled", "overwrite"];

/** What is wrong with an `aws` command, as far as AWS's description of its services can tell. */
export function awsCliProblems([, service = "", operation = "", ...rest]: ShellCommand): string[] {
  const command = OTHERS[`${service} ${operation}`] ?? describedCommand(service, operation);
  if (command === undefined) return [`there is no command aws ${service} ${operation}`];
  const { given, free } = readArguments(rest);
  const { options, required, words = 0 } = command;
  return [
    ...given.filter((name) => ![...options, ...GLOBAL_OPTIONS].includes(name)).map((name) => `no option --${name}`),
    ...required.filter((name) => !given.includes(name)).map((name) => `--${name} is missing`),
    ...(free === words ? [] : [`${free} words without an option, not ${words}`]),
  ];
}

function describedCommand(service: string, operation: string): CliCommand | undefined {
  const name = operation.replaceAll(/(^|-)([a-z])/g, (_match, _hyphen, letter: string) => letter.toUpperCase());
  const described = MODELS[service]?.[`${name}$`];
  // An operation's schema is [kind, namespace, name, traits, input, output]; a structure's ends with its members and
  // the number of those that are required, which come first.
  if (!Array.isArray(described) || typeof described[4] !== "function") return undefined;
  const [, , , , members, , required = 0]: [number, string, string, unknown, string[], unknown, number?] =
    described[4]();
  const options = members.map(optionOf);
  return { options, required: options.slice(0, required) };
}

/** `ImageARN` is `--image-arn`. */
function optionOf(member: string): string {
  return member
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

function readArguments(rest: readonly string[]): { given: string[]; free: number } {
  const given = rest.filter((word) => word.startsWith("--")).map((word) => word.slice(2));
  const values = given.filter((name) => !FLAGS.includes(name)).length;
  return { given, free: rest.length - given.length - values };
}

import type { Problem, Values } from "../../behaviour.ts";
import { isObject } from "../../dynamic-value.ts";
import type { ProviderContext, TypeRules } from "../../type-rules.ts";
import { arn, between, each, eachOneOf, length, matches, oneOf, policy } from "../checks.ts";
import { digits, regionalArn, same, text, uuid } from "./arn.ts";

const RUNTIMES = [
  "dotnet8",
  "dotnet10",
  "java8.al2",
  "java11",
  "java17",
  "java21",
  "java25",
  "nodejs20.x",
  "nodejs22.x",
  "nodejs24.x",
  "provided.al2",
  "provided.al2023",
  "python3.10",
  "python3.11",
  "python3.12",
  "python3.13",
  "python3.14",
  "ruby3.2",
  "ruby3.3",
  "ruby3.4",
];

/** Lambda's limit for all of a function's environment variables, serialised as JSON. */
const MAX_ENVIRONMENT_BYTES = 4_096;

/** Names that Lambda sets itself and refuses to have set (Lambda developer guide, reserved environment variables). */
const RESERVED = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

const functionName = matches(
  /^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[a-zA-Z0-9-_]{1,64}(:[a-zA-Z0-9-_$]+)?$/,
  "1 to 64 letters, digits, hyphens and underscores, or a function's ARN",
);
const functionArn = regionalArn("lambda", (values) => `function:${text(values, "function_name")}`);
const invokeArn: typeof functionArn = (values, context, unique) => {
  const region = text(values, "region") || context.region;
  const path = "2015-03-31/functions";
  return `arn:${context.partition}:apigateway:${region}:lambda:path/${path}/${functionArn(values, context, unique)}/invocations`;
};

function environmentProblems(config: Values): Problem[] {
  const { environment } = config;
  const [block] = Array.isArray(environment) ? environment : [];
  const variables = isObject(block) && isObject(block.variables) ? block.variables : {};
  const at = ["environment", 0, "variables"];
  const names = Object.keys(variables).flatMap((name): Problem[] => {
    if (RESERVED.has(name)) return [{ summary: `Lambda reserves the environment variable ${name}`, attribute: at }];
    if (/^[a-zA-Z]\w+$/.test(name)) return [];
    return [{ summary: `Lambda refuses an environment variable of the name "${name}"`, attribute: at }];
  });
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes <= MAX_ENVIRONMENT_BYTES) return names;
  const summary = `Lambda was unable to configure your environment variables because they have exceeded the 4KB limit`;
  return [...names, { summary, detail: `They measure ${bytes} bytes.`, attribute: at }];
}

function packageProblems(config: Values): Problem[] {
  const { package_type: type, runtime, handler } = config;
  if (type === "Image") return [];
  return Object.entries({ runtime, handler }).flatMap(([name, value]): Problem[] =>
    value === null ? [{ summary: `"${name}" must be set when package_type is Zip`, attribute: [name] }] : [],
  );
}

function mappingProblems(config: Values): Problem[] {
  const { event_source_arn: source, batch_size: batch, maximum_batching_window_in_seconds: window } = config;
  const problems: Problem[] = [];
  if (typeof source !== "string" || !source.includes(":sqs:")) return problems;
  if (source.endsWith(".fifo") ? Number(batch ?? 10) > 10 : Number(batch ?? 10) > 10 && Number(window ?? 0) < 1) {
    const summary = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    problems.push({ summary, attribute: ["batch_size"] });
  }
  return problems;
}

/** Functions, their URLs, permissions and event sources. */
export const lambdaRules: Record<string, TypeRules> = {
  aws_lambda_function: {
    defaults: {
      memory_size: 128,
      timeout: 3,
      package_type: "Zip",
      publish: false,
      reserved_concurrent_executions: -1,
      skip_destroy: false,
    },
    checks: {
      function_name: functionName,
      role: arn,
      runtime: oneOf(...RUNTIMES),
      memory_size: between(128, 10_240),
      timeout: between(1, 900),
      architectures: eachOneOf("arm64", "x86_64"),
      package_type: oneOf("Zip", "Image"),
      handler: length(1, 128),
      description: length(0, 256),
      reserved_concurrent_executions: between(-1, 1_000_000),
      layers: each(arn),
      kms_key_arn: arn,
      "dead_letter_config.target_arn": arn,
      "ephemeral_storage.size": between(512, 10_240),
      "tracing_config.mode": oneOf("Active", "PassThrough"),
      "logging_config.log_format": oneOf("JSON", "Text"),
      "logging_config.application_log_level": oneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"),
      "logging_config.system_log_level": oneOf("DEBUG", "INFO", "WARN"),
      "snap_start.apply_on": oneOf("None", "PublishedVersions"),
    },
    files: ["filename"],
    exactlyOne: [["filename", "image_uri", "s3_bucket"]],
    validate: (config) => [...environmentProblems(config), ...packageProblems(config)],
    replacedBy: ["function_name", "package_type"],
    volatile: ["last_modified", "code_sha256", "source_code_size", "qualified_arn", "qualified_invoke_arn", "version"],
    computed: {
      architectures: () => ["x86_64"],
      arn: functionArn,
      id: same("function_name"),
      invoke_arn: invokeArn,
      qualified_arn: (values, context, unique) => `${functionArn(values, context, unique)}:$LATEST`,
      qualified_invoke_arn: (values, context, unique) =>
        invokeArn(values, context, unique).replace("/invocations", ":$LATEST/invocations"),
      response_streaming_invoke_arn: (values, context, unique) =>
        invokeArn(values, context, unique)
          .replace("2015-03-31", "2021-11-15")
          .replace("/invocations", "/response-streaming-invocations"),
      last_modified: () => new Date().toISOString().replace("Z", "+0000"),
      code_sha256: (values, _context, unique) =>
        text(values, "source_code_hash") || Buffer.from(unique, "hex").toString("base64"),
      source_code_hash: same("code_sha256"),
      signing_job_arn: () => "",
      signing_profile_version_arn: () => "",
      version: () => "$LATEST",
    },
  },
  aws_lambda_function_recursion_config: {
    checks: { function_name: functionName, recursive_loop: oneOf("Allow", "Terminate") },
    replacedBy: ["function_name"],
    computed: { region: (_values, { region }) => region },
  },
  aws_lambda_function_url: {
    defaults: { invoke_mode: "BUFFERED" },
    checks: {
      authorization_type: oneOf("AWS_IAM", "NONE"),
      invoke_mode: oneOf("BUFFERED", "RESPONSE_STREAM"),
      function_name: functionName,
      "cors.max_age": between(0, 86_400),
    },
    replacedBy: ["function_name", "qualifier"],
    computed: {
      url_id: (_values, _context, unique) => BigInt(`0x${unique}`).toString(36).slice(0, 32),
      function_url: (values, { region }) =>
        `https://${text(values, "url_id")}.lambda-url.${text(values, "region") || region}.on.aws/`,
      function_arn: (values, context, unique) => {
        const given = text(values, "function_name");
        return given.startsWith("arn:") ? given : functionArn(values, context, unique);
      },
      id: (values) =>
        [text(values, "function_name"), text(values, "qualifier")].filter((part) => part !== "").join("/"),
    },
  },
  aws_lambda_permission: {
    checks: {
      action: matches(/^lambda:([A-Za-z]+|\*)$/, "lambda:* or lambda: and the name of an action"),
      function_name: functionName,
      function_url_auth_type: oneOf("AWS_IAM", "NONE"),
      source_arn: arn,
      source_account: matches(/^\d{12}$/, "twelve digits"),
      statement_id: matches(/^[a-zA-Z0-9-_]{1,100}$/, "1 to 100 letters, digits, hyphens and underscores"),
    },
    conflicts: [["statement_id", "statement_id_prefix"]],
    replacedBy: [
      "action",
      "event_source_token",
      "function_name",
      "function_url_auth_type",
      "invoked_via_function_url",
      "principal",
      "principal_org_id",
      "qualifier",
      "source_account",
      "source_arn",
      "statement_id",
      "statement_id_prefix",
    ],
    computed: {
      statement_id: (values, _context, unique) =>
        `${text(values, "statement_id_prefix") || "terraform-"}${digits(unique, 26)}`,
      id: same("statement_id"),
    },
  },
  aws_lambda_event_source_mapping: {
    defaults: { batch_size: 10, enabled: true },
    checks: {
      event_source_arn: arn,
      function_name: functionName,
      batch_size: between(1, 10_000),
      maximum_batching_window_in_seconds: between(0, 300),
      function_response_types: eachOneOf("ReportBatchItemFailures"),
      "scaling_config.maximum_concurrency": between(2, 1_000),
      "metrics_config.metrics": eachOneOf("EventCount"),
    },
    exactlyOne: [["event_source_arn", "self_managed_event_source"]],
    validate: mappingProblems,
    replacedBy: ["event_source_arn", "queues", "topics", "starting_position", "starting_position_timestamp"],
    volatile: ["last_modified"],
    computed: {
      uuid: (_values, _context, unique) => uuid(unique),
      id: same("uuid"),
      arn: regionalArn("lambda", (values) => `event-source-mapping:${text(values, "uuid")}`),
      function_arn: (values, context, unique) => {
        const given = text(values, "function_name");
        return given.startsWith("arn:") ? given : functionArn(values, context, unique);
      },
      last_modified: () => new Date().toISOString(),
      last_processing_result: () => "",
      state: (values) => (values.enabled === false ? "Disabled" : "Enabled"),
      state_transition_reason: () => "USER_INITIATED",
    },
  },
  aws_lambda_alias: {
    checks: { function_name: functionName },
    replacedBy: ["function_name", "name"],
    computed: {
      arn: regionalArn("lambda", (values) => `function:${text(values, "function_name")}:${text(values, "name")}`),
      id: same("arn"),
      invoke_arn: (values, context, unique) => invokeArn(values, context, unique),
    },
  },
  aws_lambda_function_event_invoke_config: {
    defaults: { maximum_retry_attempts: 2 },
    checks: { maximum_event_age_in_seconds: between(60, 21_600), maximum_retry_attempts: between(0, 2) },
    replacedBy: ["function_name", "qualifier"],
    computed: { id: same("function_name") },
  },
  aws_cloudformation_stack: {
    checks: {
      name: matches(/^[a-zA-Z][a-zA-Z0-9-]{0,127}$/, "a letter, then letters, digits and hyphens, at most 128"),
      iam_role_arn: arn,
      policy_body: policy,
      capabilities: eachOneOf("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"),
      on_failure: oneOf("DO_NOTHING", "ROLLBACK", "DELETE"),
    },
    conflicts: [["template_body", "template_url"]],
    replacedBy: ["name", "disable_rollback", "on_failure", "timeout_in_minutes"],
    json: ["template_body"],
    volatile: ["outputs"],
    computed: {
      id: regionalArn("cloudformation", (values, unique) => `stack/${text(values, "name")}/${uuid(unique)}`),
      outputs: imageOutputs,
    },
  },
};

/** What a stack tells of its image: of all types, the one that is known here. */
function imageOutputs(values: Values, context: ProviderContext): Values {
  const template = JSON.parse(text(values, "template_body") || "{}") as { Resources?: Record<string, Values> };
  const image = Object.values(template.Resources ?? {}).find(({ Type }) => Type === "AWS::Lambda::MicrovmImage");
  const name = isObject(image?.Properties) ? image.Properties.Name : undefined;
  if (typeof name !== "string") return {};
  return { ImageArn: regionalArn("lambda", () => `microvm-image:${name}`)(values, context, "") };
}

import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { unzipSync } from "fflate";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import type { FunctionConfig } from "../lambda/function-config.ts";
import { mappingResource } from "./event-source-mapping.ts";
import type { LambdaDeps } from "./lambda-deps.ts";
import { number, object, text, textMap, texts } from "./values.ts";

/** Lambda takes 4 KB of environment variables. */
const MAX_ENVIRONMENT_BYTES = 4_096;

/** Functions, their URLs, permissions and event source mappings. */
export function lambdaResources(deps: LambdaDeps): Record<string, ResourceBehaviour> {
  const loops = new Map<string, string>();
  return {
    aws_lambda_function: functionResource(deps, loops),
    aws_lambda_function_recursion_config: recursionResource(deps, loops),
    aws_lambda_function_url: urlResource(deps),
    aws_lambda_permission: permissionResource(deps),
    aws_lambda_event_source_mapping: mappingResource(deps),
  };
}

function functionResource(deps: LambdaDeps, loops: Map<string, string>): ResourceBehaviour {
  async function put(planned: Values): Promise<Values> {
    const config = await readFunction(deps, planned);
    await deps.functions.put(config);
    const arn = deps.functions.arn(config.name);
    return {
      id: config.name,
      arn,
      invoke_arn: `arn:${deps.account.partition}:apigateway:${deps.account.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
      qualified_arn: `${arn}:$LATEST`,
      version: "$LATEST",
      last_modified: new Date().toISOString(),
      source_code_size: config.zip.length,
      code_sha256: createHash("sha256").update(config.zip).digest("base64"),
    };
  }
  return {
    async create(planned) {
      const name = text(planned, "function_name");
      if (deps.functions.get(name) !== undefined) {
        throw new ProviderError(
          `creating Lambda Function (${name}): ResourceConflictException: Function already exist: ${name}`,
        );
      }
      return put(planned);
    },
    read: (state) => (deps.functions.get(text(state, "function_name")) === undefined ? null : {}),
    update: put,
    async delete(state) {
      const name = text(state, "function_name");
      deps.iam.resourcePolicies.delete(deps.functions.arn(name));
      // A URL is part of its function: another function of the name has another URL, or none.
      await deps.urls.delete(name);
      // So is what was said of its loops: the API knows it by the function's name alone.
      loops.delete(name);
      await deps.functions.delete(name);
    },
  };
}

async function readFunction(deps: LambdaDeps, planned: Values): Promise<FunctionConfig> {
  const name = text(planned, "function_name");
  const refuse = (problem: string) => new ProviderError(`creating Lambda Function (${name}): ${problem}`);
  const roleArn = text(planned, "role");
  if (!(await deps.iam.trusts(roleArn, "lambda.amazonaws.com", "sts:AssumeRole"))) {
    throw refuse("InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.");
  }
  const runtime = text(planned, "runtime");
  if (runtime !== "nodejs24.x") throw refuse(`the lab runs nodejs24.x only, not ${runtime}`);
  const [architecture = "x86_64"] = texts(planned, "architectures");
  if (architecture !== "arm64") throw refuse(`the module's functions are arm64, not ${architecture}`);
  const file = text(planned, "filename");
  const zip = await readFile(resolve(deps.workingDirectory(), file)).catch(() => {
    throw refuse(`reading ZIP file (${file}): no such file or directory`);
  });
  const handler = text(planned, "handler");
  requireHandler(zip, handler, refuse);
  const environment = textMap(object(planned, "environment"), "variables");
  checkEnvironment(environment, refuse);
  const logging = object(planned, "logging_config");
  const reserved = number(planned, "reserved_concurrent_executions", -1);
  return {
    name,
    roleArn,
    handler,
    runtime,
    architecture,
    timeoutSeconds: number(planned, "timeout", 3),
    memoryMb: number(planned, "memory_size", 128),
    environment,
    zip,
    logGroup: text(logging, "log_group") || `/aws/lambda/${name}`,
    ...(reserved >= 0 ? { reservedConcurrency: reserved } : {}),
  };
}

function requireHandler(zip: Uint8Array, handler: string, refuse: (problem: string) => ProviderError): void {
  let names: string[];
  try {
    names = Object.keys(unzipSync(zip));
  } catch {
    throw refuse(
      "InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again.",
    );
  }
  // AWS finds out at the first invocation; a test should not have to.
  const module = handler.slice(0, handler.lastIndexOf("."));
  if (![".js", ".mjs", ".cjs"].some((suffix) => names.includes(`${module}${suffix}`))) {
    throw refuse(`the zip has no file for the handler ${handler}; it holds ${names.join(", ")}`);
  }
}

function checkEnvironment(environment: Record<string, string>, refuse: (problem: string) => ProviderError): void {
  const bytes = Buffer.byteLength(JSON.stringify(environment));
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    throw refuse(
      `InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. Size: ${bytes} bytes`,
    );
  }
  const reserved = Object.keys(environment).filter((name) =>
    /^(AWS_REGION|AWS_ACCESS_KEY_ID|AWS_LAMBDA_.*|_HANDLER)$/.test(name),
  );
  if (reserved.length > 0) {
    throw refuse(
      `InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys: ${reserved.join(", ")}`,
    );
  }
}

interface Statement {
  Sid: string;
  Effect: "Allow";
  Principal: unknown;
  Action: string;
  Resource: string;
  Condition?: unknown;
}

function setStatement(deps: LambdaDeps, functionName: string, statement: Omit<Statement, "Resource" | "Effect">): void {
  const arn = deps.functions.arn(functionName);
  const others = statementsOf(deps, arn).filter((other) => other.Sid !== statement.Sid);
  const all: Statement[] = [...others, { ...statement, Effect: "Allow", Resource: arn }];
  deps.iam.resourcePolicies.set(arn, { Version: "2012-10-17", Statement: all });
}

function removeStatement(deps: LambdaDeps, functionName: string, sid: string): void {
  const arn = deps.functions.arn(functionName);
  const left = statementsOf(deps, arn).filter((statement) => statement.Sid !== sid);
  if (left.length === 0) deps.iam.resourcePolicies.delete(arn);
  else deps.iam.resourcePolicies.set(arn, { Version: "2012-10-17", Statement: left });
}

function statementsOf(deps: LambdaDeps, arn: string): Statement[] {
  const statements = deps.iam.resourcePolicies.get(arn)?.Statement;
  return Array.isArray(statements) ? (statements as Statement[]) : []; // only this file writes function policies
}

/** Names of the statements that the provider adds for a public URL (hashicorp/aws from 6.29). */
const URL_STATEMENTS = ["FunctionURLAllowPublicAccess", "FunctionURLAllowInvokeAction"] as const;

/**
 * What Lambda does with a loop of which nobody has said anything (Lambda API reference, GetFunctionRecursionConfig).
 */
const ENDS_LOOPS = "Terminate";

// The lab's functions may call each other as long as they like: what is set is only kept.
function recursionResource(deps: LambdaDeps, loops: Map<string, string>): ResourceBehaviour {
  const put = (planned: Values): Values => {
    const name = text(planned, "function_name");
    if (deps.functions.get(name) === undefined) {
      const problem = `ResourceNotFoundException: Function not found: ${deps.functions.arn(name)}`;
      throw new ProviderError(`creating Lambda Function Recursion Config (${name}): ${problem}`);
    }
    loops.set(name, text(planned, "recursive_loop"));
    return {};
  };
  return {
    replacedBy: ["function_name"],
    create: put,
    read(state) {
      const name = text(state, "function_name");
      return deps.functions.get(name) === undefined ? null : { recursive_loop: loops.get(name) ?? ENDS_LOOPS };
    },
    update: put,
    // It cannot be deleted, so the provider puts the default back (terraform-provider-aws,
    // internal/service/lambda/function_recursion_config.go, Delete).
    delete: (state) => void loops.delete(text(state, "function_name")),
  };
}

function urlResource(deps: LambdaDeps): ResourceBehaviour {
  const functionNameOf = (values: Values) => text(values, "function_name").split(":").at(-1) ?? "";
  return {
    replacedBy: ["function_name", "qualifier"],
    async create(planned) {
      const name = functionNameOf(planned);
      if (deps.functions.get(name) === undefined) {
        throw new ProviderError(
          `creating Lambda Function URL (${name}): ResourceNotFoundException: Function not found: ${name}`,
        );
      }
      if (text(planned, "authorization_type") !== "NONE") {
        throw new ProviderError(`creating Lambda Function URL (${name}): the lab serves authorization_type NONE only`);
      }
      setStatement(deps, name, {
        Sid: URL_STATEMENTS[0],
        Principal: "*",
        Action: "lambda:InvokeFunctionUrl",
        Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
      });
      setStatement(deps, name, {
        Sid: URL_STATEMENTS[1],
        Principal: "*",
        Action: "lambda:InvokeFunction",
        Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
      });
      const url = await deps.urls.create(name);
      return { id: name, function_arn: deps.functions.arn(name), function_url: url.url, url_id: url.urlId };
    },
    read(state) {
      const url = deps.urls.get(functionNameOf(state));
      return url === undefined ? null : { function_url: url.url };
    },
    update: () => ({}),
    async delete(state) {
      const name = functionNameOf(state);
      for (const sid of URL_STATEMENTS) removeStatement(deps, name, sid);
      await deps.urls.delete(name);
    },
  };
}

function permissionResource(deps: LambdaDeps): ResourceBehaviour {
  const functionNameOf = (values: Values) => text(values, "function_name").split(":").at(-1) ?? "";
  return {
    create(planned) {
      const sid = text(planned, "statement_id") || `terraform-${randomUUID()}`;
      const principal = text(planned, "principal");
      const condition = {
        ...(text(planned, "source_arn") === "" ? {} : { ArnLike: { "aws:SourceArn": text(planned, "source_arn") } }),
        ...(text(planned, "function_url_auth_type") === ""
          ? {}
          : { StringEquals: { "lambda:FunctionUrlAuthType": text(planned, "function_url_auth_type") } }),
        ...(planned.invoked_via_function_url === true ? { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } : {}),
      };
      setStatement(deps, functionNameOf(planned), {
        Sid: sid,
        Principal:
          principal === "*" ? "*" : principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal },
        Action: text(planned, "action"),
        ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
      });
      return { id: sid, statement_id: sid };
    },
    delete: (state) => removeStatement(deps, functionNameOf(state), text(state, "id")),
  };
}

import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import type { DataAwsIamPolicyDocumentStatement } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import type { Construct } from "constructs";
import { functionName } from "../../contract/names.ts";
import { call, ref } from "../hcl/build.ts";
import { except } from "../synth/except.ts";
import { asString, asStringMap } from "../synth/hcl-token.ts";
import type { Iam } from "./iam.ts";
import { type KeyUses, WRITE_LOGS } from "./key.ts";
import { addLogGroup, writeLogs } from "./log-group.ts";
import { input, local } from "./reference.ts";
import { addRole, type Role } from "./role.ts";
import { FUNCTION_EXCEPTIONS } from "./scan-exceptions.ts";

const ZIP = `${asString(ref("path.module"))}/dispatcher.zip`;

export interface FunctionProps {
  readonly iam: Iam;
  readonly description: string;
  /** Where its code is in the module's zip, as Lambda writes it: file without ending, dot, export. */
  readonly handler: string;
  readonly memoryMib: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What it may do besides writing its own log. */
  readonly statements: readonly DataAwsIamPolicyDocumentStatement[];
  /** Services, besides that of its log, through which it uses what is encrypted with the customer's key. */
  readonly keyUses: KeyUses;
  /** Policies whose statements are added, as JSON documents. */
  readonly policies?: readonly string[];
  /** Why the statements are as they are, for readers of the module. */
  readonly reasons: readonly string[];
}

/** A function with its role and its log group, all under the same name. */
export interface FunctionParts extends Role {
  readonly lambda: LambdaFunction;
  readonly logs: CloudwatchLogGroup;
}

/** Adds a function to the scope. */
export function addFunction(scope: Construct, name: string, props: FunctionProps): FunctionParts {
  const fullName = functionName(input("name_prefix"), name);
  const logs = addLogGroup(scope, name, `/aws/lambda/${fullName}`);
  const { role, policy } = addRole(scope, name, {
    trust: props.iam.functionTrust,
    description: `Taken on by the ${name} function`,
    statements: [...props.statements, writeLogs(logs)],
    keyUses: { ...props.keyUses, ...WRITE_LOGS },
    reasons: props.reasons,
    ...(props.policies === undefined ? {} : { policies: props.policies }),
  });
  const lambda = new LambdaFunction(scope, `function.${name}`, {
    functionName: fullName,
    description: props.description,
    role: role.arn,
    runtime: "nodejs24.x",
    architectures: ["arm64"],
    handler: props.handler,
    filename: ZIP,
    sourceCodeHash: asString(call("filebase64sha256", ZIP)),
    memorySize: props.memoryMib,
    timeout: props.timeoutSeconds,
    environment: { variables: { ...props.environment } },
    loggingConfig: { logFormat: "Text", logGroup: logs.name },
    tags: asStringMap(local("tags")),
    // What a change of its configuration needs it may do before.
    dependsOn: [logs, policy],
  });
  except(lambda, ...FUNCTION_EXCEPTIONS);
  return { lambda, logs, role, policy };
}

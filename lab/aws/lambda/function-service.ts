import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import { jsonReply, type Service } from "../gateway/service.ts";
import type { RawRequest } from "../gateway/verify-signature.ts";
import type { Iam } from "../iam/iam.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { Functions } from "./functions.ts";

/** Paths of a function in Lambda's API of 2015-03-31, by what is looked at. */
const PATH = /^\/2015-03-31\/functions\/([^/]+)\/(configuration|policy)$/;
const OPERATIONS: Readonly<Record<string, string>> = { configuration: "GetFunctionConfiguration", policy: "GetPolicy" };

/**
 * Lambda's API as far as somebody looks at functions, in front of the service that has the same signing name. Whoever
 * may call GetFunctionConfiguration sees the environment (Lambda API reference).
 */
export function createFunctionService(functions: () => Functions, iam: Iam, others: Service): Service {
  return {
    protocol: others.protocol,
    operationOf: (request) => lookedAt(request)?.operation ?? others.operationOf(request),
    async perform(request, context) {
      const { operation, name } = lookedAt(request) ?? {};
      if (operation === undefined || name === undefined) return others.perform(request, context);
      const arn = functions().arn(name);
      await context.authorize({ action: `lambda:${operation}`, resource: arn });
      const config = functions().get(name);
      if (config === undefined) throw new AwsError("ResourceNotFoundException", 404, `Function not found: ${arn}`);
      if (operation === "GetFunctionConfiguration") return jsonReply(200, view(arn, config));
      const policy = iam.resourcePolicies.get(arn);
      if (policy === undefined || [policy.Statement].flat().length === 0) {
        throw new AwsError("ResourceNotFoundException", 404, "The resource you requested does not exist.");
      }
      return jsonReply(200, { Policy: JSON.stringify(policy), RevisionId: randomUUID() });
    },
  };
}

function lookedAt({ method, target }: RawRequest): { operation: string; name: string } | undefined {
  const [, name, what = ""] = PATH.exec(target) ?? [];
  const operation = OPERATIONS[what];
  if (method !== "GET" || name === undefined || operation === undefined) return undefined;
  return { operation, name: decodeURIComponent(name) };
}

function view(arn: string, config: FunctionConfig): Record<string, unknown> {
  return {
    FunctionName: config.name,
    FunctionArn: arn,
    Runtime: config.runtime,
    Role: config.roleArn,
    Handler: config.handler,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMb,
    Architectures: [config.architecture],
    State: "Active",
    LastUpdateStatus: "Successful",
    // Absent, not empty, when a function has no variables.
    ...(Object.keys(config.environment).length === 0 ? {} : { Environment: { Variables: config.environment } }),
  };
}

import { AwsError } from "../aws-error.ts";
import { jsonReply, type Service } from "../gateway/service.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { Functions } from "./functions.ts";

/** Path of a function in Lambda's API of 2015-03-31. */
const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;

/**
 * Lambda's API as far as somebody looks at functions, in front of the service that has the same signing name. Whoever may
 * call GetFunctionConfiguration sees the environment (Lambda API reference).
 */
export function createFunctionService(functions: () => Functions, others: Service): Service {
  return {
    protocol: others.protocol,
    operationOf: (request) =>
      nameIn(request.target) === undefined || request.method !== "GET"
        ? others.operationOf(request)
        : "GetFunctionConfiguration",
    async perform(request, context) {
      if (context.operation !== "GetFunctionConfiguration") return others.perform(request, context);
      const name = nameIn(request.target) ?? "";
      const arn = functions().arn(name);
      await context.authorize({ action: "lambda:GetFunctionConfiguration", resource: arn });
      const config = functions().get(name);
      if (config === undefined) throw new AwsError("ResourceNotFoundException", 404, `Function not found: ${arn}`);
      return jsonReply(200, view(arn, config));
    },
  };
}

function nameIn(target: string): string | undefined {
  const [, name] = CONFIGURATION.exec(target) ?? [];
  return name === undefined ? undefined : decodeURIComponent(name);
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

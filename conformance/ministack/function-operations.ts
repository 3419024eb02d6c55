/** Functions, their URLs and what feeds them, as operations.ts has the other types. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as lambda from "@aws-sdk/client-lambda";
import { number, object, text, textMap, texts } from "../../lab/aws/resources/values.ts";
import type { ResourceBehaviour, Value, Values } from "../../lab/terraform/behaviour.ts";
import { known, orNull } from "./answers.ts";

export function lambdaTypes(client: lambda.LambdaClient, folder: string): Record<string, ResourceBehaviour> {
  const configOf = (planned: Values) => ({
    FunctionName: text(planned, "function_name"),
    Description: text(planned, "description"),
    Role: text(planned, "role"),
    Handler: text(planned, "handler"),
    Runtime: text(planned, "runtime") as lambda.Runtime,
    MemorySize: number(planned, "memory_size", 128),
    Timeout: number(planned, "timeout", 3),
    Environment: { Variables: textMap(object(planned, "environment"), "variables") },
    LoggingConfig: {
      LogFormat: text(object(planned, "logging_config"), "log_format") as lambda.LogFormat,
      LogGroup: text(object(planned, "logging_config"), "log_group"),
    },
  });
  const codeOf = async (planned: Values) => ({
    ZipFile: await readFile(resolve(folder, text(planned, "filename"))),
    Architectures: texts(planned, "architectures") as lambda.Architecture[],
  });
  const attributesOf = (found: lambda.FunctionConfiguration): Values =>
    known({
      arn: found.FunctionArn,
      qualified_arn: `${found.FunctionArn}:$LATEST`,
      code_sha256: found.CodeSha256,
      source_code_hash: found.CodeSha256,
      source_code_size: found.CodeSize,
      last_modified: found.LastModified,
      version: found.Version,
    });
  return {
    aws_lambda_function: {
      async create(planned) {
        const made = await client.send(
          new lambda.CreateFunctionCommand({
            ...configOf(planned),
            Code: { ZipFile: (await codeOf(planned)).ZipFile },
            Architectures: (await codeOf(planned)).Architectures,
          }),
        );
        return { ...attributesOf(made), id: text(planned, "function_name"), invoke_arn: String(made.FunctionArn) };
      },
      async read(state) {
        const FunctionName = text(state, "function_name");
        const found = await orNull(client.send(new lambda.GetFunctionConfigurationCommand({ FunctionName })));
        if (found === null) return null;
        const { Handler, MemorySize, Timeout, Runtime, Role, Environment } = found;
        const environment: Value = [{ variables: { ...Environment?.Variables } }];
        const more = {
          handler: Handler,
          memory_size: MemorySize,
          timeout: Timeout,
          runtime: Runtime,
          role: Role,
          environment,
        };
        return { ...attributesOf(found), ...known(more) };
      },
      async update(planned) {
        const { ZipFile, Architectures } = await codeOf(planned);
        const FunctionName = text(planned, "function_name");
        await client.send(new lambda.UpdateFunctionCodeCommand({ FunctionName, ZipFile, Architectures }));
        return attributesOf(await client.send(new lambda.UpdateFunctionConfigurationCommand(configOf(planned))));
      },
      async delete(state) {
        await client.send(new lambda.DeleteFunctionCommand({ FunctionName: text(state, "function_name") }));
      },
      volatile: ["last_modified", "code_sha256"],
    },
    aws_lambda_function_recursion_config: recursionType(client),
    aws_lambda_function_url: urlType(client),
    aws_lambda_event_source_mapping: mappingType(client),
  };
}

function urlType(client: lambda.LambdaClient): ResourceBehaviour {
  const nameOf = (values: Values) => text(values, "function_name").split(":").at(-1) ?? "";
  return {
    async create(planned) {
      const FunctionName = nameOf(planned);
      const made = await client.send(new lambda.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE" }));
      // As hashicorp/aws does from 6.29 on.
      const statement = { FunctionName, Principal: "*", FunctionUrlAuthType: "NONE" as const };
      await client.send(
        new lambda.AddPermissionCommand({
          ...{ ...statement, StatementId: "FunctionURLAllowPublicAccess", Action: "lambda:InvokeFunctionUrl" },
        }),
      );
      await client.send(
        new lambda.AddPermissionCommand({
          ...{ FunctionName, Principal: "*", StatementId: "FunctionURLAllowInvokeAction" },
          ...{ Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true },
        }),
      );
      const url_id = /([a-z0-9]+)\/?$/.exec(made.FunctionUrl ?? "")?.[1];
      return known({ id: FunctionName, function_arn: made.FunctionArn, function_url: made.FunctionUrl, url_id });
    },
    async read(state) {
      const found = await orNull(client.send(new lambda.GetFunctionUrlConfigCommand({ FunctionName: nameOf(state) })));
      return found === null ? null : known({ authorization_type: found.AuthType, function_url: found.FunctionUrl });
    },
    async delete(state) {
      await client.send(new lambda.DeleteFunctionUrlConfigCommand({ FunctionName: nameOf(state) }));
    },
    replacedBy: ["function_name"],
  };
}

function recursionType(client: lambda.LambdaClient): ResourceBehaviour {
  const put = async (planned: Values): Promise<Values> => {
    const [FunctionName, RecursiveLoop] = [
      text(planned, "function_name"),
      text(planned, "recursive_loop") as lambda.RecursiveLoop,
    ];
    await client.send(new lambda.PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop }));
    return {};
  };
  return {
    create: put,
    update: put,
    async read(state) {
      const FunctionName = text(state, "function_name");
      const found = await orNull(client.send(new lambda.GetFunctionRecursionConfigCommand({ FunctionName })));
      return found === null ? null : known({ recursive_loop: found.RecursiveLoop });
    },
    delete: async (state) => void (await put({ ...state, recursive_loop: "Terminate" })),
    replacedBy: ["function_name"],
  };
}

function mappingType(client: lambda.LambdaClient): ResourceBehaviour {
  const configOf = (planned: Values) => ({
    FunctionName: text(planned, "function_name"),
    BatchSize: number(planned, "batch_size", 10),
    FunctionResponseTypes: texts(planned, "function_response_types") as lambda.FunctionResponseType[],
    ScalingConfig: { MaximumConcurrency: number(object(planned, "scaling_config"), "maximum_concurrency", 2) },
  });
  return {
    async create(planned) {
      const EventSourceArn = text(planned, "event_source_arn");
      const made = await client.send(
        new lambda.CreateEventSourceMappingCommand({ ...configOf(planned), EventSourceArn }),
      );
      const { UUID: uuid, FunctionArn, State, StateTransitionReason, EventSourceMappingArn } = made;
      return known({
        ...{ id: uuid, uuid, function_arn: FunctionArn, state: State, arn: EventSourceMappingArn ?? "" },
        ...{
          state_transition_reason: StateTransitionReason ?? "",
          last_processing_result: made.LastProcessingResult ?? "",
        },
        last_modified: made.LastModified?.toISOString() ?? "",
      });
    },
    async read(state) {
      const found = await orNull(client.send(new lambda.GetEventSourceMappingCommand({ UUID: text(state, "id") })));
      return found === null ? null : known({ batch_size: found.BatchSize, event_source_arn: found.EventSourceArn });
    },
    async update(planned, prior) {
      await client.send(new lambda.UpdateEventSourceMappingCommand({ ...configOf(planned), UUID: text(prior, "id") }));
      return {};
    },
    delete: async (state) =>
      void (await client.send(new lambda.DeleteEventSourceMappingCommand({ UUID: text(state, "id") }))),
  };
}

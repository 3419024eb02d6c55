import { type Account, regionalArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import { jsonBody, jsonReply, type Service, stringMember } from "./gateway/service.ts";
import type { Kms } from "./kms.ts";

export interface SsmParameter {
  name: string;
  type: "String" | "StringList" | "SecureString";
  value: string;
  version: number;
  modifiedAt: number;
}

export interface SsmParameters {
  readonly service: Service;
  put(parameter: Omit<SsmParameter, "version">): SsmParameter;
  get(name: string): SsmParameter | undefined;
  delete(name: string): void;
  names(): string[];
  /** What every SecureString ever held. */
  secretValues(): readonly string[];
  arn(name: string): string;
}

/** SSM Parameter Store. */
export function createSsmParameters(account: Account, kms: Kms): SsmParameters {
  const parameters = new Map<string, SsmParameter>();
  /** What each version of a parameter held. */
  const versions = new Map<string, SsmParameter[]>();
  const secretValues: string[] = [];
  const arn = (name: string) => regionalArn(account, "ssm", `parameter/${name.replace(/^\//, "")}`);

  const service: Service = {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^AmazonSSM\./, "");
      if (operation !== "GetParameter") {
        throw new AwsError("UnknownOperationException", 400, `the lab's SSM has no operation '${operation}'`);
      }
      return operation;
    },
    async perform(request, { authorize }) {
      const body = jsonBody(request);
      const name = stringMember(body, "Name");
      if (name === "") {
        throw new AwsError(
          "ValidationException",
          400,
          "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
        );
      }
      // Parameters are named by their ARN too, and one version of them behind a colon (SSM API reference, GetParameter, Name).
      const named = name.startsWith("arn:");
      const [, plain = name, version] = (!named && /^([^:]+):(\d+)$/.exec(name)) || [];
      const resource = named ? name : arn(plain);
      await authorize({ action: "ssm:GetParameter", resource });
      const latest = named ? [...parameters.values()].find((each) => arn(each.name) === name) : parameters.get(plain);
      if (latest === undefined) throw new AwsError("ParameterNotFound", 400, "");
      const parameter =
        version === undefined ? latest : versions.get(plain)?.find((each) => each.version === Number(version));
      if (parameter === undefined) {
        const problem = `Systems Manager could not find version ${version} of ${plain}. Verify the version and try again.`;
        throw new AwsError("ParameterVersionNotFound", 400, problem);
      }
      const decrypt = body.WithDecryption === true;
      // The key policy of aws/ssm lets every principal of the account decrypt through SSM; a customer's key does not.
      if (parameter.type === "SecureString" && decrypt) {
        const encryptionContext = { PARAMETER_ARN: resource };
        await kms.authorizeUse({ service: "ssm", resource, actions: ["kms:Decrypt"], encryptionContext }, authorize);
      }
      const value =
        parameter.type === "SecureString" && !decrypt
          ? Buffer.from(`encrypted:${parameter.name}:${parameter.version}`).toString("base64")
          : parameter.value;
      return jsonReply(
        200,
        {
          Parameter: {
            ARN: resource,
            DataType: "text",
            LastModifiedDate: parameter.modifiedAt / 1_000,
            Name: parameter.name,
            Type: parameter.type,
            Value: value,
            Version: parameter.version,
          },
        },
        "application/x-amz-json-1.1",
      );
    },
  };

  return {
    service,
    put(input) {
      const parameter = { ...input, version: (parameters.get(input.name)?.version ?? 0) + 1 };
      parameters.set(input.name, parameter);
      // The service keeps the hundred newest (Working with parameter versions).
      versions.set(input.name, [...(versions.get(input.name) ?? []), parameter].slice(-100));
      if (input.type === "SecureString") secretValues.push(input.value);
      return parameter;
    },
    get: (name) => parameters.get(name),
    delete(name) {
      parameters.delete(name);
      versions.delete(name);
    },
    names: () => [...parameters.keys()],
    secretValues: () => secretValues,
    arn,
  };
}

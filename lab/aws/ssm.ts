import { type Account, regionalArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import { type CallContext, jsonBody, jsonReply, type Service, stringMember } from "./gateway/service.ts";
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

const STANDARD_BYTES = 4_096;
const JSON_TYPE = "application/x-amz-json-1.1";
const OPERATIONS = ["GetParameter", "PutParameter", "DeleteParameter"];

interface Store {
  /** What each version of a parameter held. */
  versions: Map<string, SsmParameter[]>;
  parameters: Map<string, SsmParameter>;
  kms: Kms;
  arn(name: string): string;
  keep(input: Omit<SsmParameter, "version">): SsmParameter;
}

type Authorize = CallContext["authorize"];
type Body = Record<string, unknown>;

/** SSM Parameter Store. */
export function createSsmParameters(account: Account, kms: Kms): SsmParameters {
  const parameters = new Map<string, SsmParameter>();
  /** What each version of a parameter held. */
  const versions = new Map<string, SsmParameter[]>();
  const secretValues: string[] = [];
  const store: Store = {
    parameters,
    versions,
    kms,
    arn: (name) => regionalArn(account, "ssm", `parameter/${name.replace(/^\//, "")}`),
    keep(input) {
      const parameter = { ...input, version: (parameters.get(input.name)?.version ?? 0) + 1 };
      parameters.set(input.name, parameter);
      // The service keeps the hundred newest (Working with parameter versions).
      versions.set(input.name, [...(versions.get(input.name) ?? []), parameter].slice(-100));
      if (input.type === "SecureString") secretValues.push(input.value);
      return parameter;
    },
  };
  const service: Service = {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^AmazonSSM\./, "");
      if (OPERATIONS.includes(operation)) return operation;
      throw new AwsError("UnknownOperationException", 400, `the lab's SSM has no operation '${operation}'`);
    },
    async perform(request, { authorize, operation }) {
      const perform = { PutParameter: putParameter, DeleteParameter: deleteParameter }[operation] ?? getParameter;
      return jsonReply(200, await perform(store, jsonBody(request), authorize), JSON_TYPE);
    },
  };
  return {
    service,
    put: store.keep,
    get: (name) => parameters.get(name),
    delete(name) {
      parameters.delete(name);
      versions.delete(name);
    },
    names: () => [...parameters.keys()],
    secretValues: () => secretValues,
    arn: store.arn,
  };
}

async function getParameter(
  { parameters, versions, kms, arn }: Store,
  body: Body,
  authorize: Authorize,
): Promise<object> {
  const name = stringMember(body, "Name");
  if (name === "") {
    throw new AwsError(
      "ValidationException",
      400,
      "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
    );
  }
  // Parameters are named by their ARN too, and one version of them behind a colon (SSM API reference, GetParameter,
  // Name).
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
  return {
    Parameter: {
      ARN: resource,
      DataType: "text",
      LastModifiedDate: parameter.modifiedAt / 1_000,
      Name: parameter.name,
      Type: parameter.type,
      Value: value,
      Version: parameter.version,
    },
  };
}

async function putParameter({ parameters, kms, arn, keep }: Store, body: Body, authorize: Authorize): Promise<object> {
  const [name, value, type] = [stringMember(body, "Name"), stringMember(body, "Value"), stringMember(body, "Type")];
  const resource = arn(name);
  await authorize({ action: "ssm:PutParameter", resource });
  const before = parameters.get(name);
  if (before !== undefined && body.Overwrite !== true) {
    throw new AwsError("ParameterAlreadyExists", 400, "The parameter already exists.");
  }
  const kind = type === "" ? before?.type : type;
  if (kind !== "String" && kind !== "StringList" && kind !== "SecureString") {
    throw new AwsError("ValidationException", 400, "A parameter type is required when you create a parameter.");
  }
  // "Standard parameters can have a value of up to 4 KB" (SSM API reference, PutParameter, Value).
  if (value === "" || Buffer.byteLength(value) > STANDARD_BYTES) {
    const text = `Standard tier parameters support a maximum parameter value of ${STANDARD_BYTES} characters.`;
    throw new AwsError("ValidationException", 400, text);
  }
  if (kind === "SecureString") {
    const key = stringMember(body, "KeyId");
    if (key !== "") kms.keyOf.set(resource, key);
    const encryptionContext = { PARAMETER_ARN: resource };
    await kms.authorizeUse({ service: "ssm", resource, actions: ["kms:Encrypt"], encryptionContext }, authorize);
  }
  return { Version: keep({ name, type: kind, value, modifiedAt: Date.now() }).version, Tier: "Standard" };
}

async function deleteParameter(
  { parameters, versions, kms, arn }: Store,
  body: Body,
  authorize: Authorize,
): Promise<object> {
  const name = stringMember(body, "Name");
  await authorize({ action: "ssm:DeleteParameter", resource: arn(name) });
  if (!parameters.delete(name)) throw new AwsError("ParameterNotFound", 400, "");
  versions.delete(name);
  kms.keyOf.delete(arn(name));
  return {};
}

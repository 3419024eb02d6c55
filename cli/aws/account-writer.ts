import * as v from "valibot";
import { detailsOf } from "../../dispatcher/aws/transport/classify-aws-error.ts";
import { anyAnswer, createJsonRpc } from "../../dispatcher/aws/transport/rpc.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import { NotFoundError } from "../../dispatcher/errors.ts";
import type { AwsAccess } from "./resolve-aws.ts";

/** What set-up writes and removes. Each throws a DispatcherError. */
export interface AccountWriter {
  /** Undefined: there is none. */
  parameter(name: string): Promise<string | undefined>;
  putParameter(parameter: { name: string; value: string; secure: boolean; keyArn?: string | undefined }): Promise<void>;
  deleteParameter(name: string): Promise<void>;
  /** The current text of a secret, and its ARN. */
  secret(name: string): Promise<{ arn: string; value: string } | undefined>;
  createSecret(secret: { name: string; value: string; keyArn?: string | undefined }): Promise<string>;
  putSecret(arn: string, value: string): Promise<void>;
  deleteSecret(arn: string): Promise<void>;
  /** A key without key material, for signing. */
  createSigningKey(description: string): Promise<string>;
  importParameters(keyArn: string): Promise<{ token: string; publicKey: Buffer }>;
  importKeyMaterial(keyArn: string, token: string, wrapped: Buffer): Promise<void>;
}

const parameter = v.object({ Parameter: v.object({ Value: v.string() }) });
const secret = v.object({ ARN: v.string(), SecretString: v.optional(v.string(), "") });
const createdSecret = v.object({ ARN: v.string() });
const createdKey = v.object({ KeyMetadata: v.object({ Arn: v.string() }) });
const imports = v.object({ ImportToken: v.string(), PublicKey: v.string() });

/** Writes over signed calls, at AWS or at the endpoints that the environment names. */
export function createAccountWriter({ region, credentials }: AwsAccess, environment: Environment): AccountWriter {
  const rpcOf = (service: string, target: string) =>
    createJsonRpc(
      createSignedFetch({
        service,
        region,
        credentials: () => credentials,
        endpoint: awsEndpoint(environment, service),
      }),
      target,
      "1.1",
    );
  const ssm = rpcOf("ssm", "AmazonSSM");
  const secrets = rpcOf("secretsmanager", "secretsmanager");
  const kms = rpcOf("kms", "TrentService");
  const none = () => undefined;
  return {
    async parameter(name) {
      const call = { operation: "GetParameter", input: { Name: name, WithDecryption: true }, answer: parameter };
      const found = await ssm({ ...call, what: `reading SSM parameter ${name}`, errors: { ParameterNotFound: none } });
      return found?.Parameter.Value;
    },
    async putParameter({ name, value, secure, keyArn }) {
      await ssm({
        operation: "PutParameter",
        input: {
          ...{ Name: name, Value: value, Overwrite: true, Type: secure ? "SecureString" : "String", Tier: "Standard" },
          ...(keyArn === undefined ? {} : { KeyId: keyArn }),
        },
        answer: anyAnswer,
        what: `writing SSM parameter ${name}`,
        ...(secure ? { secrets: [value] } : {}),
      });
    },
    async deleteParameter(name) {
      const call = { operation: "DeleteParameter", input: { Name: name }, answer: anyAnswer };
      await ssm({ ...call, what: `deleting SSM parameter ${name}`, errors: { ParameterNotFound: none } });
    },
    async secret(name) {
      const call = { operation: "GetSecretValue", input: { SecretId: name }, answer: secret };
      const errors = { ResourceNotFoundException: none };
      const found = await secrets({ ...call, what: `reading secret ${name}`, errors });
      return found && { arn: found.ARN, value: found.SecretString };
    },
    async createSecret({ name, value, keyArn }) {
      const input = { Name: name, SecretString: value, ...(keyArn === undefined ? {} : { KmsKeyId: keyArn }) };
      const call = { operation: "CreateSecret", input, answer: createdSecret, secrets: [value] };
      return (await secrets({ ...call, what: `creating secret ${name}` })).ARN;
    },
    async putSecret(arn, value) {
      const input = { SecretId: arn, SecretString: value };
      const call = { operation: "PutSecretValue", input, answer: anyAnswer, secrets: [value] };
      await secrets({ ...call, what: `writing secret ${arn}` });
    },
    async deleteSecret(arn) {
      const input = { SecretId: arn, RecoveryWindowInDays: 7 };
      const call = { operation: "DeleteSecret", input, answer: anyAnswer };
      await secrets({ ...call, what: `deleting secret ${arn}`, errors: { ResourceNotFoundException: none } });
    },
    async createSigningKey(description) {
      const input = { Description: description, KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY", Origin: "EXTERNAL" };
      return (await kms({ operation: "CreateKey", input, answer: createdKey, what: "creating a KMS key" })).KeyMetadata
        .Arn;
    },
    async importParameters(keyArn) {
      const input = { KeyId: keyArn, WrappingAlgorithm: "RSA_AES_KEY_WRAP_SHA_256", WrappingKeySpec: "RSA_4096" };
      const found = await kms({
        ...{ operation: "GetParametersForImport", input, answer: imports, what: `preparing the import into ${keyArn}` },
        errors: {
          NotFoundException: (error) => new NotFoundError(`${keyArn} does not exist`, { details: detailsOf(error) }),
        },
      });
      return { token: found.ImportToken, publicKey: Buffer.from(found.PublicKey, "base64") };
    },
    async importKeyMaterial(keyArn, token, wrapped) {
      const input = {
        ...{ KeyId: keyArn, ImportToken: token, EncryptedKeyMaterial: wrapped.toString("base64") },
        ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE",
      };
      await kms({ operation: "ImportKeyMaterial", input, answer: anyAnswer, what: `importing the key into ${keyArn}` });
    },
  };
}

import { randomBytes, randomUUID } from "node:crypto";
import { type Account, regionalArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import { jsonBody, jsonReply, type Reply, type Service, stringMember } from "./gateway/service.ts";

export interface StoredSecret {
  arn: string;
  name: string;
  value: string;
  versionId: string;
  /** ARN of a customer managed key; absent: the account's `aws/secretsmanager` key. */
  keyArn?: string;
}

export interface SecretsManager {
  readonly service: Service;
  /** By its ARN or name. */
  find(id: string): StoredSecret | undefined;
  create(name: string, value: string, keyArn?: string): StoredSecret;
  /** Makes another value the current version. */
  putValue(arn: string, value: string): void;
}

interface Change {
  id: string;
  secret: StoredSecret | undefined;
  value: string;
  key: string;
}

const JSON_TYPE = "application/x-amz-json-1.1";

/** AWS Secrets Manager, as far as the current version of a text goes. */
export function createSecretsManager(account: Account, now: () => number): SecretsManager {
  const secrets = new Map<string, StoredSecret>();

  const namedArn = (id: string) =>
    id.startsWith("arn:") ? id : regionalArn(account, "secretsmanager", `secret:${id}`);
  const find = (id: string) => secrets.get(id) ?? [...secrets.values()].find(({ name }) => name === id);
  const create: SecretsManager["create"] = (name, value, keyArn) => {
    // Six random characters keep a secret made anew under the same name apart.
    const suffix = randomBytes(3).toString("hex");
    const arn = regionalArn(account, "secretsmanager", `secret:${name}-${suffix}`);
    const secret = { arn, name, value, versionId: randomUUID(), ...(keyArn === undefined ? {} : { keyArn }) };
    secrets.set(arn, secret);
    return secret;
  };

  const service: Service = {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^secretsmanager\./, "");
      if (["GetSecretValue", "CreateSecret", "PutSecretValue", "DeleteSecret"].includes(operation)) return operation;
      throw new AwsError("UnknownOperationException", 400, `the lab's Secrets Manager has no operation '${operation}'`);
    },
    async perform(request, { authorize, operation }) {
      const body = jsonBody(request);
      const id = stringMember(body, operation === "CreateSecret" ? "Name" : "SecretId");
      if (id === "") {
        throw new AwsError(
          "ValidationException",
          400,
          "1 validation error detected: Value at 'secretId' failed to satisfy constraint: Member must not be null",
        );
      }
      const secret = find(id);
      if (operation !== "GetSecretValue") {
        await authorize({
          action: `secretsmanager:${operation}`,
          resource: secret?.arn ?? namedArn(id),
        });
        return change(secrets, create, operation, {
          id,
          secret,
          value: stringMember(body, "SecretString"),
          key: stringMember(body, "KmsKeyId"),
        });
      }
      // Who names a secret that does not exist is authorised on the ARN that was named.
      await authorize({ action: "secretsmanager:GetSecretValue", resource: secret?.arn ?? namedArn(id) });
      if (secret === undefined) {
        throw new AwsError("ResourceNotFoundException", 400, "Secrets Manager can't find the specified secret.");
      }
      const { arn, name, value, versionId, keyArn } = secret;
      // The policy of aws/secretsmanager lets every principal of the account decrypt through the service; a customer's
      // does not.
      if (keyArn !== undefined) {
        await authorize({
          action: "kms:Decrypt",
          resource: keyArn,
          context: {
            "kms:ViaService": `secretsmanager.${account.region}.amazonaws.com`,
            "kms:EncryptionContext:SecretARN": arn,
            "kms:EncryptionContext:SecretVersionId": versionId,
          },
        });
      }
      return jsonReply(
        200,
        {
          ARN: arn,
          CreatedDate: now() / 1_000,
          Name: name,
          SecretString: value,
          VersionId: versionId,
          VersionStages: ["AWSCURRENT"],
        },
        JSON_TYPE,
      );
    },
  };
  return {
    service,
    find,
    create,
    putValue(arn, value) {
      const secret = secrets.get(arn);
      if (secret === undefined) throw new Error(`there is no secret ${arn}`);
      Object.assign(secret, { value, versionId: randomUUID() });
    },
  };
}

function change(
  secrets: Map<string, StoredSecret>,
  create: SecretsManager["create"],
  operation: string,
  { id, secret, value, key }: Change,
): Reply {
  if (operation === "CreateSecret") {
    if (secret !== undefined) {
      const text = `The operation failed because the secret ${id} already exists.`;
      throw new AwsError("ResourceExistsException", 400, text);
    }
    const { arn, name, versionId } = create(id, value, key === "" ? undefined : key);
    return jsonReply(200, { ARN: arn, Name: name, VersionId: versionId }, JSON_TYPE);
  }
  if (secret === undefined) {
    throw new AwsError("ResourceNotFoundException", 400, "Secrets Manager can't find the specified secret.");
  }
  if (operation === "DeleteSecret") secrets.delete(secret.arn);
  else Object.assign(secret, { value, versionId: randomUUID() });
  return jsonReply(200, { ARN: secret.arn, Name: secret.name, VersionId: secret.versionId }, JSON_TYPE);
}

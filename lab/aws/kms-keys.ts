import { createPrivateKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { type Account, regionalArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import type { LabClock } from "./clock.ts";
import { type CallContext, jsonBody, jsonReply, type Service, stringMember } from "./gateway/service.ts";
import type { Iam } from "./iam/iam.ts";
import { defaultKeyPolicy } from "./kms.ts";
import { createKeyImports } from "./kms-import.ts";

export interface KmsKey {
  arn: string;
  enabled: boolean;
  /** Made without key material, which is to be imported. */
  external?: boolean;
}

export interface KmsKeys {
  readonly service: Service;
  /** A customer's symmetric key for ENCRYPT_DECRYPT. */
  createEncryptionKey(): KmsKey;
  all(): KmsKey[];
  /** An RSA key for SIGN_VERIFY with the key material that was imported, in PEM form. */
  importSigningKey(pem: string): KmsKey;
}

/** RAW messages are hashed by KMS, up to this size (KMS API reference, Sign, Message). */
const MAX_RAW_BYTES = 4_096;
/** Of an RSA key for SIGN_VERIFY (KMS API reference, Sign, SigningAlgorithm). */
const RSA_ALGORITHMS = ["PKCS1_V1_5", "PSS"].flatMap((padding) =>
  ["256", "384", "512"].map((bits) => `RSASSA_${padding}_SHA_${bits}`),
);

const JSON_TYPE = "application/x-amz-json-1.1";

interface StoredKey extends KmsKey {
  material?: KeyObject;
}

/** Keys of KMS and its own API, as far as signing goes; what services do with keys for their callers is in kms.ts. */
export function createKmsKeys(account: Account, iam: Pick<Iam, "resourcePolicies">, clock: LabClock): KmsKeys {
  const keys = new Map<string, StoredKey>();
  const imports = createKeyImports(clock);
  const create = (material?: KeyObject): StoredKey => {
    const arn = regionalArn(account, "kms", `key/${randomUUID()}`);
    const key = { arn, enabled: true, ...(material === undefined ? {} : { material }) };
    keys.set(arn, key);
    // The default key policy: without it no policy of IAM could allow anything (KMS guide, default key policy).
    iam.resourcePolicies.set(arn, defaultKeyPolicy(account));
    return key;
  };

  const created = (body: Record<string, unknown>) => {
    const [origin, spec, usage] = ["Origin", "KeySpec", "KeyUsage"].map((name) => stringMember(body, name));
    if (origin !== "EXTERNAL" || spec !== "RSA_2048" || usage !== "SIGN_VERIFY") {
      throw new AwsError("UnsupportedOperationException", 400, `the lab's KMS makes no key ${origin} ${spec} ${usage}`);
    }
    const key = create();
    Object.assign(key, { enabled: false, external: true });
    return { Arn: key.arn, KeyId: key.arn.split("/")[1], KeyState: "PendingImport", Enabled: false };
  };

  const imported = (operation: string, key: StoredKey, body: Record<string, unknown>) => {
    if (key.external !== true) throw new AwsError("UnsupportedOperationException", 400, `${key.arn} origin is AWS_KMS`);
    if (operation === "GetParametersForImport") {
      const wrapping = {
        algorithm: stringMember(body, "WrappingAlgorithm"),
        spec: stringMember(body, "WrappingKeySpec"),
      };
      const { token, publicKey, validUntil } = imports.begin(key.arn, wrapping);
      return { KeyId: key.arn, ImportToken: token, PublicKey: publicKey, ParametersValidTo: validUntil / 1_000 };
    }
    const wrapped = Buffer.from(stringMember(body, "EncryptedKeyMaterial"), "base64");
    key.material = imports.finish(key.arn, stringMember(body, "ImportToken"), wrapped);
    key.enabled = true;
    return { KeyId: key.arn };
  };

  const service: Service = {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^TrentService\./, "");
      if (["Sign", "CreateKey", "GetParametersForImport", "ImportKeyMaterial"].includes(operation)) return operation;
      throw new AwsError("UnknownOperationException", 400, `the lab's KMS has no operation '${operation}'`);
    },
    async perform(request, { authorize, operation }) {
      const body = jsonBody(request);
      if (operation === "CreateKey") {
        // On no key yet: the action has no resource but `*` (service authorization reference, KMS).
        await authorize({ action: "kms:CreateKey", resource: "*" });
        return jsonReply(200, { KeyMetadata: created(body) }, JSON_TYPE);
      }
      const id = stringMember(body, "KeyId");
      const key = keys.get(id.startsWith("arn:") ? id : regionalArn(account, "kms", `key/${id}`));
      if (key === undefined) throw new AwsError("NotFoundException", 400, `Key '${id}' does not exist`);
      if (operation !== "Sign") {
        await authorize({
          action: `kms:${operation}`,
          resource: key.arn,
          resourcePolicy: iam.resourcePolicies.get(key.arn),
        });
        return jsonReply(200, imported(operation, key, body), JSON_TYPE);
      }
      return jsonReply(200, await signWith(key, body, authorize), JSON_TYPE);
    },
  };
  return {
    service,
    createEncryptionKey: () => create(),
    all: () => [...keys.values()],
    importSigningKey(pem) {
      const material = createPrivateKey(pem);
      // RSA_2048, RSA_3072 and RSA_4096 are the specs of RSA keys.
      const bits = material.asymmetricKeyDetails?.modulusLength ?? 0;
      if (material.asymmetricKeyType !== "rsa" || ![2_048, 3_072, 4_096].includes(bits)) {
        throw new Error("KMS imports RSA keys of 2,048, 3,072 or 4,096 bits");
      }
      return create(material);
    },
  };
}

async function signWith(
  key: StoredKey,
  body: Record<string, unknown>,
  authorize: CallContext["authorize"],
): Promise<object> {
  const algorithm = stringMember(body, "SigningAlgorithm");
  const messageType = body.MessageType === undefined ? "RAW" : stringMember(body, "MessageType");
  await authorize({
    action: "kms:Sign",
    resource: key.arn,
    context: { "kms:SigningAlgorithm": algorithm, "kms:MessageType": messageType },
  });
  if (!key.enabled) throw new AwsError("DisabledException", 400, `${key.arn} is disabled.`);
  if (key.material === undefined) {
    throw new AwsError(
      "InvalidKeyUsageException",
      400,
      `${key.arn} key usage is ENCRYPT_DECRYPT which is not valid for Sign.`,
    );
  }
  if (!RSA_ALGORITHMS.includes(algorithm)) {
    throw new AwsError(
      "InvalidKeyUsageException",
      400,
      `Algorithm ${algorithm} is incompatible with key spec RSA_2048.`,
    );
  }
  const message = Buffer.from(stringMember(body, "Message"), "base64");
  if (message.length < 1 || message.length > MAX_RAW_BYTES) {
    throw new AwsError(
      "ValidationException",
      400,
      "1 validation error detected: Value at 'message' failed to satisfy constraint",
    );
  }
  if (algorithm !== "RSASSA_PKCS1_V1_5_SHA_256" || messageType !== "RAW") {
    throw new AwsError(
      "UnsupportedOperationException",
      400,
      `the lab's KMS does not sign ${messageType} with ${algorithm}`,
    );
  }
  const signature = sign("sha256", message, key.material).toString("base64");
  return { KeyId: key.arn, Signature: signature, SigningAlgorithm: algorithm };
}

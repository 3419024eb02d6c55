import type { GetSecretValueCommandInput } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import { ConfigurationError, NotFoundError } from "../errors.ts";
import type { Secrets } from "../ports.ts";
import { detailsOf } from "./transport/classify-aws-error.ts";
import { createJsonRpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

/** A secret that was stored as bytes has SecretBinary in place of SecretString. */
const answer = v.object({ SecretString: v.nullish(v.string()) });

/** Secrets of AWS Secrets Manager by their ARN, read anew at each call. */
export function createSecretsManager(fetch: SignedFetch): Secrets {
  const rpc = createJsonRpc(fetch, "secretsmanager", "1.1");
  return {
    async get(arn) {
      const input = { SecretId: arn } satisfies GetSecretValueCommandInput;
      const { SecretString: text } = await rpc({
        ...{ operation: "GetSecretValue", input, answer, what: `reading secret ${arn}` },
        errors: {
          ResourceNotFoundException: (error) =>
            new NotFoundError(`secret ${arn} does not exist or has no value; create it and store the value`, {
              details: detailsOf(error),
            }),
        },
      });
      if (text == null) throw new ConfigurationError(`secret ${arn} holds no text; store it with --secret-string`);
      return text;
    },
  };
}

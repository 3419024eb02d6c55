import type { GetSecretValueCommandInput } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import { ConfigurationError, NotFoundError } from "../errors.ts";
import type { Secrets } from "../ports.ts";
import { awsCall } from "./aws-call.ts";
import { classifyAwsError, detailsOf } from "./classify-aws-error.ts";
import { createJsonRpc } from "./json-rpc.ts";
import { readAnswer } from "./read-answer.ts";
import type { SignedFetch } from "./signed-fetch.ts";

/** A secret that was stored as bytes has SecretBinary in place of SecretString. */
const answer = v.object({ SecretString: v.nullish(v.string()) });

/** Secrets of AWS Secrets Manager by their ARN, read anew at each call. */
export function createSecretsManager(fetch: SignedFetch): Secrets {
  const call = createJsonRpc(fetch, "secretsmanager", "1.1");
  return {
    async get(arn) {
      const what = `reading secret ${arn}`;
      const input = { SecretId: arn } satisfies GetSecretValueCommandInput;
      const result = await awsCall(call("GetSecretValue", input), (error) =>
        error.code === "ResourceNotFoundException"
          ? new NotFoundError(`secret ${arn} does not exist or has no value; create it and store the value`, {
              details: detailsOf(error),
            })
          : classifyAwsError(error, what),
      );
      const text = readAnswer(answer, what, result).SecretString;
      if (text == null) throw new ConfigurationError(`secret ${arn} holds no text; store it with --secret-string`);
      return text;
    },
  };
}

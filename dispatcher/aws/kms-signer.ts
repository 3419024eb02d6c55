import type { SignCommandInput } from "@aws-sdk/client-kms";
import * as v from "valibot";
import { NotFoundError } from "../errors.ts";
import type { Sign } from "../ports.ts";
import { detailsOf } from "./transport/classify-aws-error.ts";
import { createJsonRpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

const answer = v.object({ Signature: v.pipe(v.string(), v.base64()) });

type WireInput = Omit<SignCommandInput, "Message"> & { Message: string };

/** Signs with an RSA key of KMS, which never leaves it. */
export function createKmsSigner(fetch: SignedFetch, keyArn: string): Sign {
  const rpc = createJsonRpc(fetch, "TrentService", "1.1");
  return async (data) => {
    const input = {
      KeyId: keyArn,
      // RAW: KMS hashes it, of up to 4,096 bytes (KMS API reference, Sign).
      Message: Buffer.from(data).toString("base64"),
      MessageType: "RAW",
      SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    } satisfies WireInput;
    const { Signature } = await rpc({
      ...{ operation: "Sign", input, answer, what: `signing with KMS key ${keyArn}` },
      errors: {
        NotFoundException: (error) =>
          new NotFoundError(`KMS key ${keyArn} does not exist; set github_app_key_source to one that does`, {
            details: detailsOf(error),
          }),
      },
    });
    return Buffer.from(Signature, "base64");
  };
}

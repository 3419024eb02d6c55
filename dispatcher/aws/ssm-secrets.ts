import type { GetParameterCommandInput } from "@aws-sdk/client-ssm";
import * as v from "valibot";
import { NotFoundError } from "../errors.ts";
import type { Secrets } from "../ports.ts";
import { detailsOf } from "./transport/classify-aws-error.ts";
import { createJsonRpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

const answer = v.object({ Parameter: v.object({ Value: v.string() }) });

/** Secrets kept as SSM parameters, read anew at each call. */
export function createSsmSecrets(fetch: SignedFetch): Secrets {
  const rpc = createJsonRpc(fetch, "AmazonSSM", "1.1");
  return {
    async get(name) {
      const input = { Name: name, WithDecryption: true } satisfies GetParameterCommandInput;
      const { Parameter } = await rpc({
        ...{ operation: "GetParameter", input, answer, what: `reading SSM parameter ${name}` },
        errors: {
          ParameterNotFound: (error) =>
            new NotFoundError(`SSM parameter ${name} does not exist; apply the module again`, {
              details: detailsOf(error),
            }),
        },
      });
      return Parameter.Value;
    },
  };
}

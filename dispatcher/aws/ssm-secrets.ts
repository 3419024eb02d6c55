import type { GetParameterCommandInput } from "@aws-sdk/client-ssm";
import * as v from "valibot";
import { NotFoundError } from "../errors.ts";
import type { Secrets } from "../ports.ts";
import { awsCall } from "./aws-call.ts";
import { classifyAwsError, detailsOf } from "./classify-aws-error.ts";
import { createJsonRpc } from "./json-rpc.ts";
import { readAnswer } from "./read-answer.ts";
import type { SignedFetch } from "./signed-fetch.ts";

const answer = v.object({ Parameter: v.object({ Value: v.string() }) });

/** Secrets kept as SSM parameters, read anew at each call. */
export function createSsmSecrets(fetch: SignedFetch): Secrets {
  const call = createJsonRpc(fetch, "AmazonSSM", "1.1");
  return {
    async get(name) {
      const what = `reading SSM parameter ${name}`;
      const input = { Name: name, WithDecryption: true } satisfies GetParameterCommandInput;
      const result = await awsCall(call("GetParameter", input), (error) =>
        error.code === "ParameterNotFound"
          ? new NotFoundError(`SSM parameter ${name} does not exist; apply the module again`, {
              details: detailsOf(error),
            })
          : classifyAwsError(error, what),
      );
      return readAnswer(answer, what, result).Parameter.Value;
    },
  };
}

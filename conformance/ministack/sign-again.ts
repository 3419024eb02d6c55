import { createHash } from "node:crypto";
import { type FunctionConfiguration, LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { AwsV4Signer } from "aws4fetch";
import { readAuthorization } from "../../lab/aws/gateway/verify-signature.ts";
import { CREDENTIALS, REGION } from "./start-ministack.ts";

export interface Call {
  method: string;
  /** With the query. */
  target: string;
  headers: Record<string, string>;
  /** One character for each byte. */
  body: string;
}

interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** MiniStack's own derivation (core/lambda_runtime.py, `execution_credentials`). */
function sessionOf({ FunctionArn, Role }: FunctionConfiguration): Session {
  const digest = sha256(`${FunctionArn}:${Role}`);
  return {
    accessKeyId: `ASIA${digest.slice(0, 16).toUpperCase()}`,
    secretAccessKey: sha256(`secret:${digest}`),
    sessionToken: sha256(`token:${digest}`),
  };
}

/**
 * Signs a function's call again, as the function: a signature is good for one host and one body, and the call comes to
 * MiniStack by another host, some with another body. Calls of others are left as they are: their keys are the
 * account's root, whose signature MiniStack does not check.
 */
export function createSignAgain(upstream: string): (call: Call) => Promise<Call> {
  const client = new LambdaClient({ endpoint: upstream, region: REGION, credentials: CREDENTIALS });
  const sessions = new Map<string, Session>();

  async function find(accessKeyId: string): Promise<Session | undefined> {
    if (!sessions.has(accessKeyId)) {
      for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
        for (const session of Functions.map(sessionOf)) sessions.set(session.accessKeyId, session);
      }
    }
    return sessions.get(accessKeyId);
  }

  return async (call) => {
    if (!call.headers.authorization?.includes("Credential=ASIA")) return call;
    const { accessKeyId, region, service, signedHeaders } = readAuthorization(call.headers.authorization);
    const session = await find(accessKeyId);
    // A session that no function of the account has is MiniStack's to refuse.
    if (session === undefined) return call;
    const kept = signedHeaders.filter((name) => !["host", "x-amz-date", "x-amz-security-token"].includes(name));
    const signed = await new AwsV4Signer({
      ...{ method: call.method, url: `${upstream}${call.target}`, ...session, service, region, allHeaders: true },
      headers: Object.fromEntries(kept.map((name) => [name, call.headers[name] ?? ""])),
      ...(call.body === "" ? {} : { body: Buffer.from(call.body, "latin1") }),
    }).sign();
    const headers = { ...call.headers };
    signed.headers.forEach((value, name) => {
      headers[name] = value;
    });
    return { ...call, headers };
  };
}

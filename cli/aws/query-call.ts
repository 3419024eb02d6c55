import { AwsV4Signer } from "aws4fetch";
import { NotFoundError, RefusedError, TransientError } from "../../dispatcher/errors.ts";
import type { AwsAccess } from "./resolve-aws.ts";

const TIMEOUT_MS = 10_000;

/** Calls a service that speaks the query protocol and answers XML: STS and IAM. Throws a DispatcherError. */
export async function queryCall(
  { credentials }: Pick<AwsAccess, "credentials">,
  to: { service: string; region: string; url: string; version: string },
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: to.version, ...parameters }).toString();
  const signed = await new AwsV4Signer({
    method: "POST",
    url: `${to.url.replace(/\/+$/, "")}/`,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body,
    ...credentials,
    service: to.service,
    region: to.region,
  }).sign();
  const { status, text } = await send(signed, body, action);
  if (status === 200) return text;
  const [code, message] = [element(text, "Code") ?? `status ${status}`, element(text, "Message") ?? ""];
  if (code === "NoSuchEntity") throw new NotFoundError(`${action}: ${message}`);
  const said = `${action} was refused: ${code}${message === "" ? "" : `, ${message}`}`;
  throw status >= 500 ? new TransientError(said) : new RefusedError(said);
}

async function send(
  { url, method, headers }: Awaited<ReturnType<AwsV4Signer["sign"]>>,
  body: string,
  action: string,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    throw new TransientError(`${action}: no answer from ${url.host}`);
  }
}

/** The text of the first element of that name. */
export function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

import { AwsError } from "./aws-error.ts";

const MAX_MESSAGE_LENGTH = 300;

/**
 * Reads an error as the AWS JSON 1.0, JSON 1.1 and REST-JSON protocols write it. The name stands in the header
 * `x-amzn-errortype`, or in the body as `__type`, `code` or `Code`, with a namespace before `#` or a URL after `:`; a
 * header that was sent twice has it twice, with a comma.
 * `secrets` are never repeated in the message.
 */
export function readAwsError(
  response: { status: number; headers: Headers; text: string },
  secrets: readonly string[] = [],
): AwsError {
  const { status, headers } = response;
  const body = parseObject(response.text);
  const name = headers.get("x-amzn-errortype") ?? textOf(body.__type) ?? textOf(body.code) ?? textOf(body.Code);
  const code = name === undefined || bareName(name) === "" ? `Http${status}` : bareName(name);
  return new AwsError(safeMessage(code, textOf(body.message) ?? textOf(body.Message) ?? "", secrets), {
    code,
    status,
    requestId: headers.get("x-amzn-requestid") ?? headers.get("x-amz-request-id") ?? undefined,
    retryAfterSeconds: retryAfterSeconds(headers.get("retry-after")),
  });
}

/** The seconds that a `Retry-After` header asks for; undefined for none and for a date, which AWS never sends. */
export function retryAfterSeconds(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header.trim()) ? Number(header) : undefined;
}

function bareName(name: string): string {
  const withoutUrl = name.split(/[,:]/)[0] ?? "";
  return (withoutUrl.split("#").at(-1) ?? "").trim();
}

// AWS explains a refused signature by repeating what was signed: the session token and the Authorization header.
function safeMessage(code: string, message: string, secrets: readonly string[]): string {
  if (/signature|token|credential|client/i.test(code)) return "the credentials or the signature were refused";
  const firstLine = message.split("\n")[0] ?? "";
  const clean = secrets.reduce((text, secret) => (secret === "" ? text : text.replaceAll(secret, "***")), firstLine);
  return clean.slice(0, MAX_MESSAGE_LENGTH);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

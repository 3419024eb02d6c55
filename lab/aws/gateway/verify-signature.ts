import { createHash, timingSafeEqual } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { AwsError } from "../aws-error.ts";
import type { Caller } from "../iam/iam.ts";

export interface RawRequest {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface CredentialScope {
  accessKeyId: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

/** Reads what the Authorization header says of the caller and the service. */
export function readAuthorization(header: string | undefined): CredentialScope {
  if (header === undefined) {
    throw new AwsError("MissingAuthenticationTokenException", 403, "Missing Authentication Token");
  }
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  const [, accessKeyId, region, service, signedHeaders, signature] = match ?? [];
  if (!accessKeyId || !region || !service || !signedHeaders || !signature) {
    throw new AwsError("IncompleteSignatureException", 400, "Authorization header is not a SigV4 signature");
  }
  return { accessKeyId, region, service, signedHeaders: signedHeaders.split(";"), signature };
}

/** AWS takes a signature for five minutes. */
const MAX_AGE_MS = 5 * 60 * 1_000;

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/** Signs the request again with the caller's secret and compares. */
export async function verifySignature(request: RawRequest, scope: CredentialScope, caller: Caller): Promise<void> {
  const { headers } = request;
  const datetime = headers["x-amz-date"];
  if (datetime === undefined) throw new AwsError("IncompleteSignatureException", 400, "x-amz-date is missing");
  if (headers["x-amz-security-token"] !== caller.sessionToken) {
    throw new AwsError("UnrecognizedClientException", 403, "The security token included in the request is invalid.");
  }
  if (!scope.signedHeaders.includes("host")) {
    throw new AwsError("InvalidSignatureException", 403, "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const declared = headers["x-amz-content-sha256"];
  if (declared !== undefined && /^[0-9a-f]{64}$/.test(declared) && declared !== sha256(request.body)) {
    throw new AwsError(
      "InvalidSignatureException",
      403,
      "The provided 'x-amz-content-sha256' does not match the body.",
    );
  }
  const age = Math.abs(
    Date.now() - Date.parse(datetime.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, "$1-$2-$3:$4:$5")),
  );
  if (!(age <= MAX_AGE_MS)) throw new AwsError("InvalidSignatureException", 403, `Signature expired: ${datetime}`);
  const signed = new Headers();
  for (const name of scope.signedHeaders) {
    if (name === "host" || name === "x-amz-date") continue;
    signed.set(name, headers[name] ?? "");
  }
  if (!signed.has("x-amz-content-sha256")) signed.set("x-amz-content-sha256", sha256(request.body));
  const authorization = await signAgain(request, scope, caller, signed, datetime);
  if (timingSafeEqual(Buffer.from(authorization), Buffer.from(scope.signature))) return;
  throw new AwsError("InvalidSignatureException", 403, MISMATCH);
}

async function signAgain(
  request: RawRequest,
  scope: CredentialScope,
  caller: Caller,
  headers: Headers,
  datetime: string,
): Promise<string> {
  const signer = new AwsV4Signer({
    method: request.method,
    url: `http://${request.headers.host}${request.target}`,
    headers,
    accessKeyId: caller.accessKeyId,
    secretAccessKey: caller.secretAccessKey,
    service: scope.service,
    region: scope.region,
    datetime,
    allHeaders: true,
  });
  // The body's hash is taken from the header; only headers that the caller signed may stand in the canonical request.
  const names = scope.signedHeaders.toSorted();
  signer.signableHeaders = names;
  signer.signedHeaders = names.join(";");
  signer.canonicalHeaders = names
    .map(
      (name) =>
        `${name}:${(name === "host" ? (request.headers.host ?? "") : (signer.headers.get(name) ?? "")).replace(/\s+/g, " ").trim()}`,
    )
    .join("\n");
  return signer.signature();
}

function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

import { describe, expect, it } from "vitest";
import { createS3CodeBucket } from "../../../dispatcher/aws/s3-code-bucket.ts";
import { RefusedError, TransientError } from "../../../dispatcher/errors.ts";
import { LOCAL_CREDENTIALS } from "../../support/signed-fetch-for.ts";

const bytes = new TextEncoder().encode("a zip");
const error = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;

/** A bucket that is answered with these in turn, an error being thrown. */
function open(answers: (Response | Error)[], endpoint?: string) {
  const calls: { url: string; method: string; headers: Headers; body: unknown }[] = [];
  const bucket = createS3CodeBucket({
    region: "eu-west-1",
    bucket: "artifacts",
    credentials: () => LOCAL_CREDENTIALS,
    endpoint,
    fetch: async (url, init) => {
      const answer = answers.shift() ?? new Response("", { status: 200 });
      calls.push({
        url: String(url),
        method: init?.method ?? "",
        headers: new Headers(init?.headers),
        body: init?.body,
      });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { bucket, calls };
}

describe("the bucket of the build contexts", () => {
  it("reads a key by its own path, signed for S3", async () => {
    const { bucket, calls } = open([new Response(bytes)]);

    expect(await bucket.get("microvm/a b.zip")).toEqual(bytes);
    expect(calls).toMatchObject([
      { url: "https://s3.eu-west-1.amazonaws.com/artifacts/microvm/a%20b.zip", method: "GET", body: undefined },
    ]);
    expect(calls[0]?.headers.get("authorization")).toMatch(/^AWS4-HMAC-SHA256 .*\/eu-west-1\/s3\/aws4_request/);
  });

  it("writes what it is given, to another endpoint where there is one", async () => {
    const { bucket, calls } = open([new Response("")], "http://s3.example//");

    await bucket.put("key", bytes);
    expect(calls).toMatchObject([{ url: "http://s3.example/artifacts/key", method: "PUT", body: Buffer.from(bytes) }]);
    expect(calls[0]?.headers.get("x-amz-content-sha256")).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([403, 404])("has nothing under a key that S3 answers with %i", async (status) => {
    expect(await open([new Response(error("NoSuchKey"), { status })]).bucket.get("key")).toBeUndefined();
  });

  it("asks once more after a failure of the service, or no answer", async () => {
    for (const failure of [new Response("", { status: 503 }), new TypeError("fetch failed")]) {
      const { bucket, calls } = open([failure, new Response(bytes)]);
      expect(await bucket.get("key")).toEqual(bytes);
      expect(calls).toHaveLength(2);
    }
  });

  it.each([
    [400, error("InvalidRequest"), RefusedError, "reading key failed: S3 answered 400 (InvalidRequest)"],
    [301, "nothing that S3 says", RefusedError, "reading key failed: S3 answered 301 (no code)"],
    [503, error("SlowDown"), TransientError, "reading key failed: S3 answered 503 (SlowDown)"],
    [400, error("RequestTimeout"), TransientError, "reading key failed: S3 answered 400 (RequestTimeout)"],
    [400, error("ExpiredToken"), TransientError, "reading key failed: S3 answered 400 (ExpiredToken)"],
    [429, "nothing that S3 says", TransientError, "reading key failed: S3 answered 429 (no code)"],
  ])("says why it could not read: %i", async (status, body, kind, message) => {
    const failure: unknown = await open([new Response(body, { status }), new Response(body, { status })])
      .bucket.get("key")
      .catch((reason: unknown) => reason);

    expect(failure).toBeInstanceOf(kind);
    expect(failure).toMatchObject({ message, details: { status } });
  });

  it("says why it could not write", async () => {
    const refused = open([new Response(error("AccessDenied"), { status: 403 })]).bucket.put("key", bytes);
    await expect(refused).rejects.toThrow("writing key failed: S3 answered 403 (AccessDenied)");
  });

  it("names an error without its text, which may hold what was signed", async () => {
    const silent = (failure: Error) => open([failure, failure]).bucket.get("key");
    await expect(silent(new DOMException("secret", "TimeoutError"))).rejects.toThrow(
      "S3 did not answer GET (TimeoutError)",
    );
    await expect(silent(new TypeError("secret"))).rejects.toBeInstanceOf(TransientError);
  });
});

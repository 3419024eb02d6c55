import { afterEach, describe, expect, it, vi } from "vitest";
import { createAccountReader } from "../../../cli/aws/account-reader.ts";
import { NotFoundError, RefusedError, TransientError } from "../../../dispatcher/errors.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../support/local-server.ts";

const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" };

let server: LocalServer | undefined;
afterEach(() => server?.close());

async function reader(reply: Reply) {
  server = await startLocalServer(() => reply);
  return createAccountReader({ region: "eu-west-1", credentials }, { AWS_ENDPOINT_URL: server.url });
}

const xml = (status: number, body: string): Reply => ({ status, headers: { "content-type": "text/xml" }, body });
const refusal = (status: number, code: string, message: string) =>
  xml(status, `<ErrorResponse><Error><Code>${code}</Code>${message}</Error></ErrorResponse>`);

describe("who is asking", () => {
  it("is an account, a partition and a name", async () => {
    const answer = "<Arn>arn:aws-us-gov:sts::123456789012:assumed-role/a:b</Arn><Account>123456789012</Account>";
    expect(await (await reader(xml(200, answer))).identity()).toEqual({
      ...{ account: "123456789012", partition: "aws-us-gov", who: "assumed-role/a:b" },
    });
  });

  it.each<[string, Reply, typeof RefusedError | typeof TransientError, RegExp]>([
    ["without an ARN", xml(200, "<Account>123456789012</Account>"), TransientError, /another shape/],
    ["without an account", xml(200, "<Arn>arn:aws:iam::1:root</Arn>"), TransientError, /another shape/],
    [
      "refused",
      refusal(403, "InvalidClientTokenId", "<Message>no</Message>"),
      RefusedError,
      /InvalidClientTokenId, no$/,
    ],
    ["refused without a word", refusal(403, "Denied", ""), RefusedError, /was refused: Denied$/],
    ["refused by something else", { status: 403, body: "no" }, RefusedError, /was refused: status 403$/],
    ["failed", { status: 503, body: "" }, TransientError, /status 503/],
    ["not answered", "drop", TransientError, /no answer from 127\.0\.0\.1/],
  ])("is not known where the question is %s", async (_what, reply, kind, text) => {
    const asked = (await reader(reply)).identity();
    await expect(asked).rejects.toThrow(text);
    await expect(asked).rejects.toBeInstanceOf(kind);
  });
});

describe("a role", () => {
  it("is there, is not, or is not told of", async () => {
    expect(await (await reader(xml(200, "<Role/>"))).hasRole("x")).toBe(true);
    await server?.close();
    expect(await (await reader(refusal(404, "NoSuchEntity", ""))).hasRole("x")).toBe(false);
    await server?.close();
    await expect((await reader(refusal(403, "AccessDenied", ""))).hasRole("x")).rejects.not.toBeInstanceOf(
      NotFoundError,
    );
  });

  it.each([
    ["eu-west-1", "https://iam.amazonaws.com/", "us-east-1"],
    ["cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn/", "cn-north-1"],
    ["us-gov-east-1", "https://iam.us-gov.amazonaws.com/", "us-gov-west-1"],
  ])("of %s is asked for at %s", async (region, address, signedFor) => {
    const sent: [string, string][] = [];
    vi.stubGlobal("fetch", async (url: URL, { headers }: RequestInit) => {
      sent.push([String(url), new Headers(headers).get("authorization") ?? ""]);
      return new Response("<Role/>");
    });
    try {
      expect(await createAccountReader({ region, credentials }, {}).hasRole("x")).toBe(true);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(sent).toEqual([[address, expect.stringContaining(`/${signedFor}/iam/aws4_request`)]]);
  });
});

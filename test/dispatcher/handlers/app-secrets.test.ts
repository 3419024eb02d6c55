import { verify } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AppClient, createAppClient } from "../../../dispatcher/github/app-client.ts";
import { cacheAppSecrets } from "../../../dispatcher/handlers/app-secrets.ts";
import { gitHubAppOf } from "../../../dispatcher/handlers/per-app.ts";
import type { AppKey, Sign } from "../../../dispatcher/ports.ts";
import { createManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createAppKey } from "../../support/app-key.ts";
import { type LocalServer, startLocalServer } from "../../support/local-server.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

const ARN = "arn:aws:ssm:eu-west-1:123456789012:parameter/app";
const [first, second] = [createAppKey(), createAppKey()];
const clock = createManualClock(new Date());

let server: LocalServer;
let pem: string;
let key: AppKey;
let client: AppClient;
/** JWTs that GitHub was shown. */
let shown: number;
/** The key that GitHub knows. */
let known: string | undefined;
beforeEach(async () => {
  pem = first.pkcs1;
  server = await startLocalServer(({ body }) => {
    const { Name } = JSON.parse(body) as { Name: string };
    const secret = { webhook_secrets: ["s"], github_app: { app_id: "1", ssm_parameter_arn: ARN } };
    const Value = Name === ARN ? pem : JSON.stringify(secret);
    return { status: 200, body: JSON.stringify({ Parameter: { Value } }) };
  });
  const secrets = cacheAppSecrets((service) => signedFetchFor(service, server.url), clock, "/gha/dispatcher");
  const app = gitHubAppOf(await secrets.get(), secrets);
  key = app.key;
  [shown, known] = [0, second.publicKey];
  client = createAppClient({ apiUrl: "https://ghes.example/api/v3", app, fetch: answerToJwt });
});
afterEach(() => server.close());

const isBy = async (sign: Sign, publicKey: string) =>
  verify("sha256", Buffer.from("x"), publicKey, await sign(Buffer.from("x")));

async function answerToJwt(_: unknown, init?: RequestInit): Promise<Response> {
  shown++;
  const [, jwt = ""] = (new Headers(init?.headers).get("authorization") ?? "").split(" ");
  const [head = "", body = "", signature = ""] = jwt.split(".");
  const proof = Buffer.from(signature, "base64url");
  if (known !== undefined && verify("sha256", Buffer.from(`${head}.${body}`), known, proof)) {
    return Response.json({ name: "app" });
  }
  return Response.json({ message: "A JSON web token could not be decoded" }, { status: 401 });
}

const readApp = async () => {
  const purpose = { what: "reading the App", permission: "none" };
  return (await client.asApp({ route: "GET /app", parameters: {}, repeatable: true, purpose })).body;
};

describe("the App's key in a parameter of its own", () => {
  it("is read anew when GitHub refuses it, by all callers at once and with one look", async () => {
    expect(await isBy(await key.current(), first.publicKey)).toBe(true);
    pem = second.pkcs8;
    clock.advance(31);
    server.requests.length = 0;

    expect(await Promise.all([1, 2, 3].map(readApp))).toEqual(Array(3).fill({ name: "app" }));
    expect(server.requests).toHaveLength(2);
  });

  it("is not asked for again and again when it is refused and stays the same", async () => {
    clock.advance(31);
    server.requests.length = 0;
    known = undefined;

    for (let time = 0; time < 3; time++) await expect(readApp()).rejects.toMatchObject({ name: "AppRefusedError" });
    expect([shown, server.requests.length]).toEqual([3, 2]);
  });

  it("that is no key is named by its place, without what stands there", async () => {
    pem = "hush";
    clock.advance(301);

    await expect(key.current()).rejects.toMatchObject({
      name: "ConfigurationError",
      message: `${ARN} is not an RSA private key in PEM form; set the App's key`,
    });
  });
});

import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { createTestClient } from "./support/client.ts";
import { signJwt } from "./support/jwt.ts";

let github: LabGitHub;

beforeAll(async () => {
  github = await startGitHub({ repositories: ["acme/app"] });
});
afterAll(() => github.close());

const seconds = () => Math.floor(Date.now() / 1_000);

const jwt = (claims: object, key = github.app.privateKey, header?: object) => signJwt(claims, key, header);

async function getApp(token: string) {
  const { status, data } = await createTestClient(github).withAuthorization(`Bearer ${token}`)("GET /app");
  return { status, message: (data as { message?: string }).message };
}

describe("the App's JWT", () => {
  it("is accepted as Octokit signs it, with a key in PKCS#1", async () => {
    const asApp = await createTestClient(github).asApp();

    const { status, data } = await asApp("GET /app");

    expect(github.app.privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    expect(status).toBe(200);
    expect(data).toMatchObject({ id: github.app.id, installations_count: 1 });
  });

  it("may name the App by its id or its client id", async () => {
    const times = { iat: seconds() - 60, exp: seconds() + 540 };

    expect(await getApp(jwt({ iss: github.app.id, ...times }))).toMatchObject({ status: 200 });
    expect(await getApp(jwt({ iss: String(github.app.id), ...times }))).toMatchObject({ status: 200 });
    expect(await getApp(jwt({ iss: github.app.clientId, ...times }))).toMatchObject({ status: 200 });
    expect(await getApp(jwt({ iss: "1", ...times }))).toEqual({ status: 404, message: "Integration not found" });
  });

  it("is refused when it lives for more than ten minutes", async () => {
    const { status, message } = await getApp(jwt({ iss: github.app.id, iat: seconds(), exp: seconds() + 700 }));

    expect(status).toBe(401);
    expect(message).toContain("'exp') is too far in the future");
  });

  it("is refused when it has expired", async () => {
    const { status, message } = await getApp(jwt({ iss: github.app.id, iat: seconds() - 700, exp: seconds() - 100 }));

    expect(status).toBe(401);
    expect(message).toContain("'exp') must be a numeric value representing the future time");
  });

  it("is refused when it was issued more than a minute ahead", async () => {
    const claims = { iss: github.app.id, exp: seconds() + 500 };

    expect(await getApp(jwt({ ...claims, iat: seconds() + 30 }))).toMatchObject({ status: 200 });
    const { status, message } = await getApp(jwt({ ...claims, iat: seconds() + 200 }));

    expect(status).toBe(401);
    expect(message).toContain("'Issued at' claim ('iat')");
  });

  it("is refused when another key or no key signed it", async () => {
    const claims = { iss: github.app.id, iat: seconds() - 60, exp: seconds() + 500 };
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const undecodable = { status: 401, message: "A JSON web token could not be decoded" };

    expect(await getApp(jwt(claims, other.export({ type: "pkcs1", format: "pem" }).toString()))).toEqual(undecodable);
    expect(await getApp(jwt(claims, undefined, { alg: "none" }))).toEqual(undecodable);
    expect(await getApp("a.b.c")).toEqual(undecodable);
  });

  it("may be signed with either key while one is replaced", async () => {
    const { privateKey, revoke } = await github.addAppKey(github.app);
    const claims = { iss: github.app.id, iat: seconds() - 60, exp: seconds() + 500 };

    expect(await getApp(jwt(claims, privateKey))).toMatchObject({ status: 200 });
    expect(await getApp(jwt(claims))).toMatchObject({ status: 200 });
    revoke();

    expect(await getApp(jwt(claims, privateKey))).toMatchObject({ status: 401 });
    expect(await getApp(jwt(claims))).toMatchObject({ status: 200 });
  });
});

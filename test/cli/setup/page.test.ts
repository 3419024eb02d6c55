import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SetupPage, servePage } from "../../../cli/setup/serve-page.ts";

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

let page: SetupPage;
let codes: string[];
let back: { redirectUrl: string; state: string };
beforeEach(async () => {
  codes = [];
  page = await servePage({
    port: 0,
    githubUrl: "https://github.com",
    view(given) {
      back = given;
      return {
        ...{ step: "create", action: "https://github.com/organizations/my-org/settings/apps/new?state=1" },
        ...{ manifest: '{"name":"<script>"}', problem: undefined },
        wish: { owner: "my-org", ownerType: "Organization", repositories: [], webhook: "organization" },
      };
    },
    onCode: (code) => void codes.push(code),
  });
});
afterEach(() => page.close());

function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: page.port, path, method, headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.once("error", reject);
    sent.end();
  });
}

async function start(): Promise<{ cookie: string }> {
  const { pathname, search } = new URL(page.startUrl);
  const { headers } = await get(pathname + search);
  return { cookie: String(headers["set-cookie"]).split(";")[0] ?? "" };
}

describe("the page of set-up", () => {
  it("is for the one browser that opened its address first", async () => {
    const { pathname, search } = new URL(page.startUrl);
    expect((await get("/")).status).toBe(403);
    expect((await get(`${pathname}?key=wrong`)).status).toBe(403);
    const first = await get(pathname + search);
    expect(first.status).toBe(303);
    expect(String(first.headers["set-cookie"])).toMatch(/; HttpOnly; SameSite=Lax$/);
    expect((await get(pathname + search)).status).toBe(403);
    expect((await get("/", { cookie: String(first.headers["set-cookie"]).split(";")[0] ?? "" })).status).toBe(200);
    expect((await get("/", { cookie: "gha-microvm-setup=0123456789abcdef0123456789abcdef" })).status).toBe(403);
  });

  it("takes a code once, with its state, and a wrong one ends nothing", async () => {
    const headers = await start();
    await get("/", headers);
    const { state } = back;
    expect((await get("/created?code=a&state=wrong", headers)).status).toBe(403);
    expect((await get(`/created?state=${state}`, headers)).status).toBe(403);
    expect((await get(`/created?code=a&state=${state}`)).status).toBe(403);
    expect(codes).toEqual([]);
    expect((await get(`/created?code=a&state=${state}`, headers)).status).toBe(303);
    expect((await get(`/created?code=b&state=${state}`, headers)).status).toBe(403);
    expect(codes).toEqual(["a"]);
  });

  it("answers to no other name, and to nothing but reading", async () => {
    const headers = await start();
    expect((await get("/", { ...headers, host: "evil.example" })).status).toBe(421);
    expect((await get("/", { ...headers, host: `localhost:${page.port}` })).status).toBe(200);
    expect((await get("/", headers, "POST")).status).toBe(405);
    expect((await get("/other", headers)).status).toBe(404);
  });

  it("is sent back to where the browser came, also through a forwarded port", async () => {
    const headers = await start();
    await get("/", { ...headers, host: "127.0.0.1:9999" });
    expect(back.redirectUrl).toBe("http://127.0.0.1:9999/created");
  });

  it("allows nothing but its own style and script, and forms by https", async () => {
    const { headers, body } = await get("/", await start());
    const policy = String(headers["content-security-policy"]);
    const nonce = /style-src 'nonce-([0-9a-f]{32})'/.exec(policy)?.[1] ?? "none";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action https:;");
    expect(headers["referrer-policy"]).toBe("strict-origin");
    expect(body).toContain(`<style nonce="${nonce}">`);
    expect(body).not.toMatch(/<script>|src=|@import|url\(/);
    expect(body).toContain("&lt;script&gt;");
    const again = await get("/", await start().catch(() => ({})));
    expect(String(again.headers["content-security-policy"])).not.toContain(nonce);
  });
});

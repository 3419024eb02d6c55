import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";
import { type Pins, upgradePins, writePins } from "../../../src/release/action-pins.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../support/local-server.ts";

const shaOf = (letter: string) => letter.repeat(40);
const PINS: Pins = { "acme/plain": { version: "v4.1.0", commit: shaOf("a") } };

/** A reference as GitHub's API describes one. */
const ref = (tag: string, sha: string, type = "commit") => ({
  ref: `refs/tags/${tag}`,
  node_id: "x",
  url: `https://api.github.com/repos/acme/plain/git/refs/tags/${tag}`,
  object: { type, sha, url: `https://api.github.com/repos/acme/plain/git/${type}s/${sha}` },
});

let replies: Record<string, unknown>;
let server: LocalServer;
beforeEach(async () => {
  replies = {};
  server = await startLocalServer(({ path }): Reply => {
    const reply = replies[path];
    if (reply === undefined) return { status: 404, body: JSON.stringify({ message: "Not Found" }) };
    return { status: 200, body: JSON.stringify(reply) };
  });
});
afterEach(() => server.close());

const REFS = "/repos/acme/plain/git/matching-refs/tags/v4.";
const upgrade = (pins: Pins = PINS) => upgradePins(pins, { apiUrl: server.url, token: "ghp_token" });

describe("upgradePins", () => {
  it("takes the highest release of the major by number, and asks for no other major", async () => {
    replies[REFS] = [ref("v4.1.0", shaOf("a")), ref("v4.10.0", shaOf("c")), ref("v4.9.0", shaOf("b"))];

    expect(await upgrade()).toEqual({ "acme/plain": { version: "v4.10.0", commit: shaOf("c") } });
    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      [REFS, "Bearer ghp_token"],
    ]);
  });

  it("follows an annotated tag to its commit", async () => {
    replies[REFS] = [ref("v4.2.0", shaOf("d"), "tag")];
    replies[`/repos/acme/plain/git/tags/${shaOf("d")}`] = {
      sha: shaOf("d"),
      tag: "v4.2.0",
      object: { type: "commit", sha: shaOf("e") },
    };

    expect(await upgrade()).toEqual({ "acme/plain": { version: "v4.2.0", commit: shaOf("e") } });
  });

  it("takes no pre-release and no branch-like tag", async () => {
    replies[REFS] = [ref("v4.1.0", shaOf("a")), ref("v4.2.0-rc1", shaOf("b")), ref("v4.3", shaOf("c"))];

    expect(await upgrade()).toEqual(PINS);
  });

  it.each([
    ["a tag that was moved", [ref("v4.1.0", shaOf("f"))], "was moved"],
    ["no release", [], "no release"],
    ["only older ones", [ref("v4.0.9", shaOf("f"))], "no release"],
    ["what is no commit", [ref("v4.2.0", "main")], "not answered as GitHub describes it"],
    ["a page instead", "<html>", "not answered as GitHub describes it"],
  ])("refuses %s", async (_, reply, reason) => {
    replies[REFS] = reply;

    await expect(upgrade()).rejects.toThrow(reason);
  });

  it("says which question was refused", async () => {
    await expect(upgrade()).rejects.toThrow(`${REFS} was answered 404`);
  });
});

describe("writePins", () => {
  it("writes commit and version where an action is used, whatever stood there", () => {
    const text =
      "      - uses: acme/plain@v3\n        with: {}\n      - uses: acme/plain@abc # v1.0.0\n      - uses: acme/other@v1\n";
    const step = `      - uses: acme/plain@${shaOf("a")} # v4.1.0\n`;

    expect(writePins(text, PINS)).toBe(`${step}        with: {}\n${step}      - uses: acme/other@v1\n`);
  });
});

describe("the task that upgrades packages", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "upgrade-actions-"));
    await mkdir(join(root, "src/release"), { recursive: true });
    await mkdir(join(root, "examples/workflows"), { recursive: true });
    await cp(join(PROJECT_ROOT, "examples/workflows/hello.yml"), join(root, "examples/workflows/hello.yml"));
    const pins = { "actions/checkout": { version: "v7.0.1", commit: shaOf("a") } };
    await writeFile(join(root, "src/release/actions.json"), JSON.stringify(pins));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function run(): Promise<number | null> {
    const child = spawn("npx", ["tsx", join(PROJECT_ROOT, "src/release/upgrade-actions.ts"), "--root", root], {
      cwd: PROJECT_ROOT,
      env: { ...process.env, GITHUB_API_URL: server.url },
      stdio: "ignore",
    });
    const [status] = await once(child, "close");
    return status;
  }
  const read = (path: string) => readFile(join(root, path), "utf8");

  it("writes the newest pin into the list and into the workflows that users copy", async () => {
    replies["/repos/actions/checkout/git/matching-refs/tags/v7."] = [ref("v7.2.0", shaOf("b"))];

    expect(await run()).toBe(0);
    expect(JSON.parse(await read("src/release/actions.json"))).toEqual({
      "actions/checkout": { version: "v7.2.0", commit: shaOf("b") },
    });
    expect(await read("examples/workflows/hello.yml")).toContain(`actions/checkout@${shaOf("b")} # v7.2.0`);
  });

  it("changes nothing when GitHub does not answer", async () => {
    const before = await read("examples/workflows/hello.yml");

    expect(await run()).toBe(1);
    expect(await read("examples/workflows/hello.yml")).toBe(before);
  });
});

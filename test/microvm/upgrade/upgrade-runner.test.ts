import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import runnerData from "../../../microvm/runner.json" with { type: "json" };
import { TOOLS, type ToolName } from "../../../microvm/upgrade/upgrade-downloads.ts";
import { wholeCoverageEnvironment } from "../../support/child-coverage.ts";

const PROGRAM = fileURLToPath(new URL("../../../microvm/upgrade/main.ts", import.meta.url));
const NEWER = "9.8.7";
const sha = (tool: string) => Buffer.from(tool.padEnd(32, ".")).toString("hex");

/** A release in GitHub's shape; the runner's checksum stands in its notes, those of the others in a file. */
interface FakeRelease {
  tag_name: string;
  body: string | null;
  prerelease: boolean;
  assets: { name: string; digest: string | null; browser_download_url: string }[];
}

let server: Server;
let origin: string;
let folder: string;
let file: string;
let releases: Record<string, FakeRelease>;
let checksums: Record<string, string>;
let intercept: ((path: string, response: ServerResponse) => boolean) | undefined;
let asked: { path: string; authorization: string | undefined }[];

beforeEach(async () => {
  intercept = undefined;
  asked = [];
  server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push({ path, authorization: request.headers.authorization });
    if (intercept?.(path, response)) return;
    const repository = /^\/repos\/(.+)\/releases\/latest$/.exec(path)?.[1] ?? "";
    const answer = releases[repository] ? JSON.stringify(releases[repository]) : checksums[path];
    response.writeHead(answer === undefined ? 404 : 200).end(answer ?? '{"message":"Not Found"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), "upgrade-"));
  file = join(folder, "runner.json");
  await writeFile(file, `${JSON.stringify(runnerData, null, 2)}\n`);
  publish(() => NEWER);
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

function publish(versionOf: (tool: ToolName) => string, checksumOf: (tool: ToolName) => string = sha): void {
  releases = {};
  checksums = {};
  for (const [tool, { repository, file: nameOf }] of Object.entries(TOOLS) as [ToolName, (typeof TOOLS)[ToolName]][]) {
    const version = versionOf(tool);
    const name = nameOf(version);
    const asset = (of: string, digest: string | null) => ({
      name: of,
      digest,
      browser_download_url: `${origin}/${repository}/${of}`,
    });
    const list = { gh: `gh_${version}_checksums.txt`, gitLfs: "sha256sums.asc" }[tool as string] ?? "checksums.txt";
    const other = asset("other-linux-amd64", `sha256:${"0".repeat(64)}`);
    const notes = `## Changes\r\n- ${name} <!-- BEGIN SHA linux-arm64 -->${checksumOf(tool)}<!-- END SHA linux-arm64 -->\r\n`;
    releases[repository] = {
      tag_name: `v${version}`,
      body: tool === "runner" ? notes : null,
      prerelease: false,
      // Releases from before GitHub computed digests have none.
      assets: [other, asset(name, tool === "gitLfs" ? null : `sha256:${checksumOf(tool)}`)],
    };
    if (tool === "runner") continue;
    releases[repository]?.assets.push(asset(list, null));
    checksums[`/${repository}/${list}`] = `${"0".repeat(64)} *other-linux-amd64\n${checksumOf(tool)} *${name}\n`;
  }
}

function upgrade(environment: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, GITHUB_API_URL: origin, ...wholeCoverageEnvironment(), ...environment };
    execFile(process.execPath, [PROGRAM, "--file", file], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}
const written = async (): Promise<typeof runnerData> => JSON.parse(await readFile(file, "utf8"));
const runnerRelease = () => releases["actions/runner"] as FakeRelease;

describe("upgrade-runner", () => {
  it("writes the newest releases with the checksums that they publish, once", async () => {
    expect(await upgrade()).toMatchObject({
      code: 0,
      output: expect.stringContaining(`actions/runner: ${runnerData.runner.version} -> ${NEWER}`),
    });

    const data = await written();
    for (const tool of Object.keys(TOOLS) as ToolName[]) {
      expect(data[tool]).toMatchObject({ version: NEWER, sha256: sha(tool) });
    }
    expect(data.runner.source).toContain("release notes (BEGIN SHA linux-arm64), digest of the release asset");
    expect(data.gitLfs.source).toContain("sha256sums.asc");
    expect(data.otherRunners.map(({ version }) => version)).toEqual([runnerData.runner.version]);
    expect(data.baseImage).toEqual(runnerData.baseImage);

    const text = await readFile(file, "utf8");
    expect(await upgrade()).toMatchObject({ code: 0, output: expect.stringContaining(`${NEWER} is the newest`) });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("leaves the file as it is when nothing is newer", async () => {
    publish(
      (tool) => (tool === "gh" ? "1.0.0" : runnerData[tool].version),
      (tool) => (tool === "gh" ? sha(tool) : runnerData[tool].sha256),
    );
    const text = await readFile(file, "utf8");

    expect(await upgrade()).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("shows its token to the API alone", async () => {
    await upgrade({ GITHUB_TOKEN: "not-a-real-token" });

    expect(new Set(asked.filter(({ path }) => path.startsWith("/repos/")).map((call) => call.authorization))).toEqual(
      new Set(["Bearer not-a-real-token"]),
    );
    expect(asked.some(({ path }) => path.endsWith("checksums.txt"))).toBe(true);
    expect(asked.filter(({ path, authorization }) => !path.startsWith("/repos/") && authorization)).toEqual([]);
  });

  it.each<[string, () => void, string]>([
    [
      "publishes no checksum",
      () =>
        Object.assign(runnerRelease(), {
          body: "",
          assets: runnerRelease().assets.map((asset) => ({ ...asset, digest: null })),
        }),
      "publishes no SHA-256 of actions-runner-linux-arm64-9.8.7.tar.gz",
    ],
    [
      "publishes two that differ",
      () => Object.assign(runnerRelease(), { body: runnerRelease().body?.replace(sha("runner"), "f".repeat(64)) }),
      "publishes different checksums",
    ],
    [
      "has no file of the name",
      () => Object.assign(runnerRelease(), { assets: [] }),
      "has no file actions-runner-linux-arm64-9.8.7.tar.gz",
    ],
    [
      "has another checksum under a version that is in use",
      () => publish((tool) => runnerData[tool].version),
      "find out why before you change it by hand",
    ],
    [
      "has a tag that is no version",
      () => Object.assign(runnerRelease(), { tag_name: "nightly" }),
      "not as GitHub describes one",
    ],
    [
      "is not JSON",
      () => {
        intercept = (_path, response) => Boolean(response.writeHead(200).end("<html>"));
      },
      "not as GitHub describes one",
    ],
    [
      "is not to be had for the rate limit",
      () => {
        intercept = (_path, response) =>
          Boolean(
            response.writeHead(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2000000000" }).end("{}"),
          );
      },
      "rate limit is used up until 2033-05-18T03:33:20.000Z: set GITHUB_TOKEN",
    ],
    [
      "is not to be had",
      () => {
        intercept = (_path, response) => Boolean(response.writeHead(502).end());
      },
      "answered 502",
    ],
    [
      "has a file of checksums that is not to be had",
      () => {
        checksums = {};
      },
      "checksums.txt answered 404",
    ],
  ])("changes nothing when a release %s", async (_what, change, message) => {
    const text = await readFile(file, "utf8");
    change();

    const { code, output } = await upgrade();

    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(message) });
    expect(await readFile(file, "utf8")).toBe(text);
  });
});

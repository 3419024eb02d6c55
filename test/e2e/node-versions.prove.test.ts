import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTerraform } from "../../lab/terraform/terraform.ts";
import { bundleCli } from "../../src/bundle/bundle-cli.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** With which npm each Node.js is tried: what it came with, or nearly. */
const PAIRS = [
  { node: "20", npm: "10" },
  { node: "22", npm: "10" },
  { node: "24", npm: "11" },
] as const;

let folder: string;
const places = new Map<string, string>();

async function run(command: string, args: string[], options: { cwd?: string; path?: string } = {}): Promise<Ran> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_(OPTIONS|PATH|ENV)$|VITEST)/.test(name),
  );
  const PATH = options.path ?? process.env.PATH;
  try {
    const env = { ...Object.fromEntries(inherited), PATH };
    const cwd = options.cwd ?? folder;
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 50_000_000 });
    return { code: 0, stdout, stderr };
  } catch (error: unknown) {
    const { code, stdout = "", stderr = "" } = error as Partial<Ran>;
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr };
  }
}

/** Node.js and npm of a pair, from npm's own packages of them. */
async function install({ node, npm }: (typeof PAIRS)[number]): Promise<string> {
  const place = join(folder, `node-${node}`);
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", place, `node@${node}`, `npm@${npm}`];
  const { code, stderr } = await run("npm", args);
  if (code !== 0) throw new Error(stderr);
  return join(place, "node_modules/.bin");
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-versions-"));
  for (const pair of PAIRS) places.set(pair.node, await install(pair));
  await writeFile(join(folder, "gha-microvm.cjs"), await bundleCli("1.2.3"));
  await run("git", ["clone", "--quiet", PROJECT_ROOT, join(folder, "clone")]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the commands for users", () => {
  it("say on Node.js 20 in one line that it is too old", async () => {
    const { code, stdout, stderr } = await run(join(places.get("20") ?? "", "node"), ["gha-microvm.cjs", "--version"]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^gha-microvm: Node\.js 22 or later is needed, and this is 20\.\d+\.\d+\n$/);
  });

  it.each(["22", "24"])("run on Node.js %s, without a warning", async (node) => {
    const binary = join(places.get(node) ?? "", "node");
    expect(await run(binary, ["gha-microvm.cjs", "--version"])).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" });
    const args = ["gha-microvm.cjs", "doctor", "--region", "eu-west-1", "--profile", "there-is-none"];
    const { code, stdout, stderr } = await run(binary, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^gha-microvm: no AWS credentials: /);
    expect(stderr).not.toMatch(/\n\s+at |Warning/);
  });
});

describe("the first two commands of the README", () => {
  it.each(PAIRS)("run on Node.js $node with npm $npm, without a word about engines", async ({ node }) => {
    const cwd = join(folder, "clone");
    const system = ["/usr/local/bin", "/usr/bin", "/bin"];
    const path = [places.get(node), dirname(await findTerraform()), ...system].join(delimiter);
    await rm(join(cwd, "node_modules"), { recursive: true, force: true });
    const installed = await run("npm", ["ci"], { cwd, path });
    expect(installed.code, installed.stderr).toBe(0);
    expect(installed.stdout + installed.stderr).not.toMatch(/EBADENGINE|npm warn/i);

    const simulated = await run("npx", ["projen", "simulate"], { cwd, path });
    expect(simulated.code, simulated.stdout + simulated.stderr).toBe(0);
    expect(simulated.stdout).toMatch(/^Left: no MicroVM, no registration, empty queue\.$/m);
  });
});

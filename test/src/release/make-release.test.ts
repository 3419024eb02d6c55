import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY_URL } from "../../../contract/module-source.ts";
import { serveProviders } from "../../../lab/terraform/serve-providers.ts";
import { createWorkspace } from "../../../lab/terraform/terraform.ts";
import { bundleCli } from "../../../src/bundle/bundle-cli.ts";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";
import { generateModule } from "../../../src/generate-module.ts";
import { type BundledPackage, bundledPackages } from "../../../src/release/bundled-packages.ts";
import { type Git, openGit } from "../../../src/release/git.ts";
import { type MadeRelease, makeRelease } from "../../../src/release/make-release.ts";
import { anchors, linkTargets } from "../../docs/markdown.ts";
import { APP_KEY } from "../../module/open-module.ts";
import { unexpected } from "../../support/unexpected.ts";
import { commitAll, commitWorkingTree } from "./working-tree.ts";

let folder: string;
let source: Git;
let generated: Map<string, string | Uint8Array>;
let packages: BundledPackage[];
let made: MadeRelease;
const commands = bundleCli;
let clone: Git;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-"));
  [generated, packages] = await Promise.all([generateModule(), bundledPackages()]);
  source = await commitWorkingTree(join(folder, "source"), generated);
  clone = await cloneSource("clone");
  made = await release(clone);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a release", () => {
  it("is the same commit and tag when it is made again from the same source", async () => {
    const again = await cloneSource("again");

    expect((await release(again)).commit).toBe(made.commit);
    expect(await again.text("rev-parse", "v1.0.0")).toBe(await clone.text("rev-parse", "v1.0.0"));
    expect(made.version).toBe("1.0.0");
  });

  it("changes nothing where it was cloned from", async () => {
    expect(await source.text("tag", "--list")).toBe("");
    expect(await source.text("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  });

  it("has an annotated tag, the source's date and no parent", async () => {
    expect(await clone.text("cat-file", "-t", "v1.0.0")).toBe("tag");
    expect(await clone.text("show", "-s", "--format=%cI|%aI|%P", made.commit)).toBe(
      "2030-01-02T03:04:05+00:00|2030-01-02T03:04:05+00:00|",
    );
    expect(await clone.text("fsck", "--strict")).toBe("");
  });

  it("holds in git what was computed", async () => {
    const listed = (await clone.text("ls-tree", "-r", "-z", "--name-only", "v1.0.0")).split("\0").filter(Boolean);

    expect(listed.toSorted()).toEqual([...made.tree.keys()].toSorted());
    for (const [path, content] of made.tree) {
      expect((await clone.bytes(["cat-file", "blob", `v1.0.0:${path}`])).equals(content), path).toBe(true);
    }
  });

  it("obeys the Registry: name, version and the standard module structure", async () => {
    const { name } = JSON.parse(await readFile(join(PROJECT_ROOT, "package.json"), "utf8"));

    expect(name).toMatch(/^terraform-[a-z0-9]+-[a-z0-9-]+$/);
    expect(REPOSITORY_URL.endsWith(`/${name}`)).toBe(true);
    const required = ["README.md", "LICENSE", "CHANGELOG.md", "variables.tf", "outputs.tf", "versions.tf"];
    const built = ["dispatcher.zip", "gha-microvm.cjs", "image.zip", "image/Dockerfile", "THIRD-PARTY-NOTICES.txt"];
    expect([...made.tree.keys()]).toEqual(expect.arrayContaining([...required, ...built]));
    for (const example of examplesOf(made)) expect([...made.tree.keys()]).toContain(`examples/${example}/README.md`);
  });

  it("holds nothing of what makes it", () => {
    const allowed =
      /^([^/]+\.(tf|zip|md|txt)|LICENSE|\.gitattributes|gha-microvm\.cjs|image\/[^/]+|(examples|docs|tests)\/.*)$/;

    expect([...made.tree.keys()].filter((path) => !allowed.test(path))).toEqual([]);
    expect([...made.tree.keys()].filter((path) => path.endsWith(".ts") || path.includes("package"))).toEqual([]);
    expect([...made.tree.values()].reduce((sum, { length }) => sum + length, 0)).toBeLessThan(1_000_000);
  });

  it("has links that lead to files in it, or to its source", async () => {
    const commit = await clone.text("rev-parse", "HEAD");
    const documents = [...made.tree].filter(([path]) => path.endsWith(".md"));
    const broken = documents.flatMap(([path, content]) =>
      linkTargets(content.toString()).filter((target) => !resolves(made.tree, path, target, commit)),
    );

    expect(broken).toEqual([]);
    expect(text(made, "README.md")).toContain("](docs/USAGE.md)");
    expect(text(made, "docs/USAGE.md")).toContain("](../README.md)");
  });

  it("has checksums and a bill of materials beside it, not in it", () => {
    expect([...made.assets.keys()]).toEqual([
      "dispatcher.zip",
      "gha-microvm.cjs",
      "image.zip",
      "sbom.cdx.json",
      "SHA256SUMS",
    ]);
    expect(asset(made, "SHA256SUMS").trim().split("\n")).toHaveLength(made.tree.size);
    expect(JSON.parse(asset(made, "sbom.cdx.json")).metadata).toMatchObject({
      timestamp: "2030-01-02T03:04:05.000Z",
      component: { version: "1.0.0" },
    });
    expect([...made.tree.keys()].filter((path) => /sbom|SHA256/.test(path))).toEqual([]);
  });

  it("brings the commands for users, of its own version, the same in the tree and as an asset", async () => {
    const file = join(folder, "gha-microvm.cjs");
    await writeFile(file, asset(made, "gha-microvm.cjs"));
    const { stdout } = await promisify(execFile)(process.execPath, [file, "--version"]);

    expect(stdout).toBe("1.0.0\n");
    expect(made.tree.get("gha-microvm.cjs")?.toString() === asset(made, "gha-microvm.cjs")).toBe(true);
    expect(asset(made, "SHA256SUMS")).toMatch(/^[0-9a-f]{64} {2}gha-microvm\.cjs$/m);
  });

  it("says to use itself", () => {
    const constraints = [...text(made, "README.md").matchAll(/version = "(~>[^"]*)"/g)].map(([, found]) => found);

    expect(constraints).toEqual(["~> 1.0.0"]);
  });

  it("has examples that plan", async () => {
    const tree = join(folder, "tree");
    for (const [path, content] of made.tree) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), content);
    }
    const providers = await serveProviders();
    const workspace = await createWorkspace({
      copyOf: tree,
      root: "examples/github-app",
      files: { "app.pem": APP_KEY },
      env: providers.env,
    });

    await workspace.init();
    await workspace.validate();
    expect(unexpected(await workspace.diagnose())).toEqual([]);
    expect((await workspace.plan()).resource_changes.map(({ address }) => address)).toContain(
      "module.gha_runner.aws_lambda_function.dispatcher",
    );

    await workspace.close();
    await providers.close();
  });
});

describe("the next release", () => {
  it("follows the last one, and only when users get something new", async () => {
    const git = await cloneSource("next");
    const first = await release(git);

    // What a person wrote about the next release would stand in place of the commits' subjects.
    const changelog = await readFile(join(PROJECT_ROOT, "CHANGELOG.md"), "utf8");
    const unwritten = changelog.slice(0, changelog.indexOf("## ")) + changelog.slice(changelog.indexOf("## 1.0.0\n"));
    await change(git, "docs: leave the next release to its commits", "CHANGELOG.md", unwritten);
    await change(git, "docs: explain", "docs/new.md", "New.\n");
    expect(await makeRelease({ git, commands, generated, packages })).toBeUndefined();
    await change(git, "feat(examples): show more", "examples/github-app/more.md", "More.\n");
    const second = await release(git);

    expect(second.version).toBe("1.1.0");
    expect(await git.text("show", "-s", "--format=%P", second.commit)).toBe(first.commit);
    expect(text(second, "CHANGELOG.md")).toMatch(
      /^# Changelog\n\n## 1\.1\.0 .*\n\n### Added\n\n- Show more\.\n\n## 1\.0\.0 /,
    );
    expect(text(second, "README.md")).toContain('version = "~> 1.1.0"');
    expect(text(second, "docs/USAGE.md")).toContain('version = "~> 1.1.0"');
  });

  it("is refused when its version is not above the last one", async () => {
    const git = await cloneSource("lower");
    await release(git);

    await expect(makeRelease({ git, commands, generated, packages, version: "1.0.0" })).rejects.toThrow(
      /above 1\.0\.0/,
    );
  });

  it("is refused when the module is not what the sources give", async () => {
    const git = await cloneSource("stale");
    const other = new Map(generated).set("queue.tf", "# other\n");

    await expect(makeRelease({ git, commands, generated: other, packages })).rejects.toThrow(
      /module\/queue\.tf.*projen generate/,
    );
  });

  it("is refused when its branch holds something else", async () => {
    const git = await cloneSource("taken");
    await git.text("branch", "registry");

    await expect(release(git)).rejects.toThrow(/the branch registry is at/);
  });
});

async function release(git: Git): Promise<MadeRelease> {
  const result = await makeRelease({ git, commands, generated, packages });
  if (result === undefined) throw new Error("there was nothing to release");
  return result;
}

async function cloneSource(name: string): Promise<Git> {
  await source.text("clone", "--quiet", ".", join(folder, name));
  return openGit(join(folder, name));
}

async function change(git: Git, subject: string, path: string, content: string): Promise<void> {
  await writeFile(join(await git.text("rev-parse", "--show-toplevel"), path), content);
  await commitAll(git, subject);
}

function examplesOf({ tree }: MadeRelease): Set<string> {
  return new Set([...tree.keys()].flatMap((path) => /^examples\/([^/]+)\/[^/]+\.tf$/.exec(path)?.[1] ?? []));
}

function resolves(tree: ReadonlyMap<string, Buffer>, from: string, target: string, commit: string): boolean {
  if (target.startsWith(REPOSITORY_URL)) return target.includes(`/${commit}/`);
  if (/^[a-z]+:/.test(target)) return true;
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  if (anchor !== undefined) return anchors(tree.get(path)?.toString() ?? "").has(anchor);
  return [...tree.keys()].some((each) => each === path || each.startsWith(`${path}/`));
}

function text({ tree }: MadeRelease, path: string): string {
  return tree.get(path)?.toString() ?? "";
}

function asset({ assets }: MadeRelease, name: string): string {
  return Buffer.from(assets.get(name) ?? "").toString();
}

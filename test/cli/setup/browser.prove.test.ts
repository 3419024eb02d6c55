import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MODULE_SOURCE } from "../../../contract/module-source.ts";
import { type ServedProviders, serveProviders } from "../../../lab/terraform/serve-providers.ts";
import { findTerraform } from "../../../lab/terraform/terraform.ts";
import { bundleCli } from "../../../src/bundle/bundle-cli.ts";
import { generateModule } from "../../../src/generate-module.ts";
import { bundledPackages } from "../../../src/release/bundled-packages.ts";
import { makeRelease } from "../../../src/release/make-release.ts";
import { fencedBlocks, readProjectFile } from "../../docs/markdown.ts";
import { commitWorkingTree } from "../../src/release/working-tree.ts";
import { findChromium, launchChromium, openPage, problemsOf } from "../../support/chromium.ts";
import { eventually } from "../../support/eventually.ts";
import { applyConfiguration, runOneJob } from "./apply-configuration.ts";
import { type PtyCommand, ptyCommand } from "./pty-command.ts";
import { type SetupLab, setupPolicy, startSetupLab } from "./setup-lab.ts";

const executable = findChromium();

/** The three lines that the documents begin with. */
function startLines(path: string): string {
  const found = fencedBlocks(readProjectFile(path), "sh").find((text) => text.includes("terraform get"));
  if (found === undefined) throw new Error(`${path} has no three lines`);
  return found.trim();
}

let folder: string;
let tree: string;
let browser: Browser | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gha-microvm-browser-"));
  const [generated, packages] = await Promise.all([generateModule(), bundledPackages()]);
  const git = await commitWorkingTree(join(folder, "source"), generated);
  const release = await makeRelease({ git, generated, packages, commands: bundleCli });
  if (release === undefined) throw new Error("there was nothing to release");
  tree = join(folder, "tree");
  for (const [path, content] of release.tree) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  if (executable !== undefined) browser = await launchChromium(executable);
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

describe.runIf(executable !== undefined)("the three lines of the documents, in a browser", () => {
  let lab: SetupLab;
  let registry: ServedProviders;
  let command: PtyCommand | undefined;
  beforeEach(async () => {
    lab = await startSetupLab({}, setupPolicy());
    registry = await serveProviders({ modules: { [MODULE_SOURCE]: { version: "1.0.0", folder: tree } } });
  });
  afterEach(async () => {
    command?.kill();
    await registry.close();
    await lab.stop();
  });

  /** What a person has: the three lines' folder, credentials, and a desktop that opens addresses. */
  async function environment(): Promise<Record<string, string>> {
    const bin = join(lab.folder, "bin");
    await mkdir(bin, { recursive: true });
    // Whoever reads `opened` finds all of it or nothing: a shell opens an output before it writes there.
    const opener = `#!/bin/sh\nprintf %s "$1" > "$HOME/opening" && mv "$HOME/opening" "$HOME/opened"\n`;
    await writeFile(join(bin, "xdg-open"), opener);
    await chmod(join(bin, "xdg-open"), 0o755);
    const { accessKeyId, secretAccessKey, sessionToken } = lab.access.credentials;
    const path = [bin, dirname(process.execPath), dirname(await findTerraform()), "/usr/bin", "/bin"].join(":");
    return {
      ...{
        PATH: path,
        HOME: lab.folder,
        TERM: "dumb",
        AWS_ENDPOINT_URL: lab.aws.endpoint,
        AWS_REGION: lab.access.region,
      },
      ...{
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken ?? "",
      },
      ...{ TF_CLI_CONFIG_FILE: registry.env.TF_CLI_CONFIG_FILE ?? "", CHECKPOINT_DISABLE: "1" },
    };
  }

  it("end in a main.tf that the lab applies, after a job at most 5 clicks and 3 typed answers later", async () => {
    const page = await openPage(browser as Browser);
    let clicks = 0;
    const click = async (what: Locator) => {
      clicks += 1;
      await what.click();
    };
    const problems: string[] = [];
    const began = performance.now();
    const lines = startLines("docs/USAGE.md");
    expect(startLines("README.md")).toBe(lines);
    command = ptyCommand(`${lines} --github ${lab.github.htmlUrl}`, { cwd: lab.folder, env: await environment() });
    await command.answer(/go on\? \[yes\]: /);
    await command.answer(/Organization, or user, to serve: /, "my-org");
    await command.answer(/Repositories, by name \[all\]: /);
    await command.answer(/Webhook made by terraform[^\n]* \[terraform\]: /);
    const opened = await eventually(() => readFile(join(lab.folder, "opened"), "utf8"));

    await page.goto(opened);
    problems.push(...(await problemsOf(page)));
    await click(page.getByRole("button", { name: "Create on GitHub" }));
    await click(page.getByRole("button", { name: "Create GitHub App for my-org" }));
    const install = page.getByRole("link", { name: "Install in my-org" });
    await install.waitFor();
    problems.push(...(await problemsOf(page)));
    const tab: Promise<Page> = page.context().waitForEvent("page");
    await click(install);
    await click((await tab).getByRole("button", { name: "Install" }));
    await page.getByText("This tab can be closed").waitFor();
    problems.push(...(await problemsOf(page)));

    expect(await command.ended, command.text()).toBe(3);
    expect(problems).toEqual([]);
    const root = join(lab.folder, "runners");
    const main = await readFile(join(root, "main.tf"), "utf8");
    expect(main).toMatch(/version = "~> 1\.0\.0"/);
    const applied = await applyConfiguration(lab, { "main.tf": main }, { version: "1.0.0", folder: tree });
    expect(await applied.kept()).not.toContain("PRIVATE KEY");
    await runOneJob(lab);
    console.log(
      `set-up: ${clicks} clicks, ${command.typedAnswers()} typed answers, ${((performance.now() - began) / 1_000).toFixed(1)} s to the end of the first job`,
    );
    expect(clicks).toBeLessThanOrEqual(5);
    expect(command.typedAnswers()).toBeLessThanOrEqual(3);
    expect(command.text()).not.toContain("PRIVATE KEY");
    const { stdout } = await promisify(execFile)("grep", ["-rl", "PRIVATE KEY", lab.folder]).catch(() => ({
      stdout: "",
    }));
    expect(stdout).toBe("");
    await applied.close();
  });

  it("work without script, and refuse another browser", async () => {
    const page = await openPage(browser as Browser, { javaScriptEnabled: false });
    const other = await openPage(browser as Browser);
    const script = `${startLines("README.md")} --github ${lab.github.htmlUrl} --owner my-org --webhook app --yes`;
    command = ptyCommand(script, { cwd: lab.folder, env: await environment() });
    const opened = await eventually(() => readFile(join(lab.folder, "opened"), "utf8"));
    await page.goto(opened);
    expect((await other.goto(opened))?.status()).toBe(403);
    expect((await other.goto(new URL("/", opened).toString()))?.status()).toBe(403);
    await page.getByRole("button", { name: "Create on GitHub" }).click();
    await page.getByRole("button", { name: "Create GitHub App for my-org" }).click();
    const install = page.getByRole("link", { name: "Install in my-org" });
    await install.waitFor();
    const tab = page.context().waitForEvent("page");
    await install.click();
    await (await tab).getByRole("button", { name: "Install" }).click();

    expect(await command.ended, command.text()).toBe(3);
    expect(await readFile(join(lab.folder, "runners/main.tf"), "utf8")).toMatch(/manage_webhooks\s+= false/);
    await page.context().close();
  });
});

import { execFile } from "node:child_process";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fingerprint } from "../../../cli/setup/fingerprint.ts";
import type { App } from "../../../lab/github/apps.ts";
import { setUp } from "./set-up.ts";
import { type SetupLab, startSetupLab } from "./setup-lab.ts";

const KEY = "/gha-microvm/github-app-key";
const RECORD = "/gha-microvm/setup";

let lab: SetupLab;
beforeEach(async () => {
  lab = await startSetupLab({ users: ["a-person"] });
});
afterEach(async () => {
  lab.github.assertFaithful();
  await lab.stop();
});

/** The one App that set-up made. */
function theApp(): App {
  const [, made, ...more] = lab.github.apps();
  if (made === undefined || more.length > 0) throw new Error(`set-up made ${lab.github.apps().length - 1} Apps`);
  return made;
}

async function newKeyFile(name = "new.pem"): Promise<string> {
  const { privateKey } = await lab.github.addAppKey(theApp());
  const path = join(lab.folder, name);
  await writeFile(path, privateKey);
  return path;
}

describe("set-up that is run again", () => {
  it("finds everything done, and says what to apply", async () => {
    await setUp(lab, []);
    const again = lab.run(["--yes"]);

    expect(await again.code).toBe(3);
    expect(again.terminal.text()).toContain("main.tf is as it should be");
    theApp();
  });

  it("goes on with the installation where it was interrupted before", async () => {
    const first = lab.run(["--owner", "my-org", "--yes"]);
    const browser = await first.browser;
    await browser.press();
    await browser.press();
    await browser.until("Install in my-org");
    first.terminal.interrupt();
    expect(await first.code).toBe(130);

    const second = lab.run(["--yes"]);
    const page = await second.browser;
    await page.until("Install in my-org");
    await page.follow("Install in my-org");
    await page.press();
    await page.open(new URL("/", await second.page).toString());
    await page.until("This tab can be closed");
    expect(await second.code).toBe(3);
    theApp();
  });

  it("ends where it was interrupted before it waited for the page", async () => {
    const run = lab.run(["--owner", "my-org", "--yes"]);
    const stop = lab.aws.gateway.onCall({ operation: "PutParameter", phase: "before" }, () => {
      run.terminal.interrupt();
      return undefined;
    });
    // Its page may be gone before a browser has come to it.
    run.browser.catch(() => undefined);
    expect(await run.code).toBe(130);
    stop();
  });

  it("makes no second App where the first one's key was lost on the way", async () => {
    const stop = lab.aws.gateway.onCall({ operation: "PutParameter", phase: "before" }, ({ body }) =>
      body.toString().includes("PRIVATE KEY") ? "disconnect" : undefined,
    );
    const first = lab.run(["--owner", "my-org", "--yes"], { change: {} });
    const browser = await first.browser;
    await browser.press();
    await browser.press();
    await first.terminal.asked(/Enter to try again/);
    first.terminal.interrupt();
    expect(await first.code).toBe(130);
    stop();

    const second = lab.run(["--yes"]);
    expect(await second.code).toBe(3);
    expect(second.terminal.text()).toMatch(/its key is not in[\s\S]*--key-file/);
    const file = await newKeyFile();
    const third = lab.run(["--yes", "--app-id", String(theApp().id), "--key-file", file]);
    const page = await third.browser;
    await page.until("Install in my-org");
    await page.follow("Install in my-org");
    await page.press();
    await page.open(new URL("/", await third.page).toString());
    await page.until("This tab can be closed");
    expect(await third.code).toBe(3);
    expect(lab.aws.parameters.get(KEY)?.value).toContain("PRIVATE KEY");
  });

  it("finds a key in a file again, and changes its place at no run", async () => {
    const file = join(lab.folder, "app.pem");
    const first = await setUp(lab, ["--key", `file:${file}`]);
    expect(first.exitCode, first.said()).toBe(3);
    expect(first.terminal.text()).toContain("in the state of Terraform");
    expect(first.main).toContain(`file("${file}")`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = lab.run(["--yes", "--json"]);
    expect(await again.code).toBe(3);
    expect(JSON.parse(again.said())).toEqual({ version: 1, namePrefix: "gha-microvm", exitCode: 3 });
    const elsewhere = lab.run(["--yes", "--key", "ssm"]);
    expect(await elsewhere.code).toBe(2);
    expect(elsewhere.said()).toMatch(/the App's key is kept in file:/);
    theApp();
  });

  it("waits for an owner where the person is none", async () => {
    lab.github.visitor.owns = "all";
    const run = lab.run(["--owner", "my-org", "--yes"]);
    const browser = await run.browser;
    await browser.press();
    await browser.press();
    await browser.until("Install in my-org");
    lab.github.visitor.owns = new Set();
    await browser.follow("Install in my-org");
    await browser.press();
    await browser.open(new URL("/", await run.page).toString());
    await browser.until("was asked to install");
    run.terminal.interrupt();
    expect(await run.code).toBe(130);
  });
});

describe("set-up that cannot go on", () => {
  it("stores nothing of an App that was made in another account", async () => {
    const run = lab.run(["--owner", "my-org", "--yes"]);
    const browser = await run.browser;
    await browser.press({});
    const other = browser.url.replace("/organizations/my-org/", "/");
    await browser.submitTo(other);
    await browser.until("belongs to a-person");
    expect(lab.aws.parameters.get(KEY)?.value).toBe("pending");
    expect(browser.html).toContain("/advanced");
    run.terminal.interrupt();
    expect(await run.code).toBe(130);
  });

  it("takes the address that a browser elsewhere could not reach", async () => {
    const run = lab.run(["--owner", "my-org", "--yes"]);
    const browser = await run.browser;
    run.terminal.type("http://127.0.0.1:1/created?code=abc&state=wrong");
    await browser.press();
    const back = await browser.pressWithoutFollowing();
    run.terminal.type(back.replace(/:\d+\//, ":9/"));
    await browser.open(new URL("/", await run.page).toString());
    await browser.until("Install in my-org");
    expect(run.terminal.text()).toContain("not the address that is waited for");
    run.terminal.interrupt();
    expect(await run.code).toBe(130);
  });

  it("prints a link with everything filled in where there is no browser", async () => {
    const run = lab.run(["--owner", "my-org", "--yes", "--no-browser"]);

    expect(await run.code).toBe(3);
    const [link = ""] = /http:\S+settings\/apps\/new\?\S+/.exec(run.terminal.text()) ?? [];
    expect(Object.fromEntries(new URL(link).searchParams)).toMatchObject({
      name: "gha-microvm-my-org",
      webhook_active: "false",
      administration: "write",
      organization_hooks: "write",
    });
  });

  it.each<[string, string[], RegExp]>([
    ["nobody to ask", [], /nobody can answer/],
    ["an account that is not there", ["--owner", "nobody-here", "--yes"], /has no account nobody-here/],
    ["KMS with Terraform's webhook", ["--owner", "my-org", "--yes", "--key", "kms"], /goes with --webhook app/],
    ["a place that is none", ["--owner", "my-org", "--yes", "--key", "vault"], /--key wants ssm/],
    ["a port that is none", ["--port", "70000"], /--port wants/],
    ["a GitHub that is none", ["--github", "ftp://x", "--yes"], /--github wants/],
    ["an option of another command", ["--nonsense"], /Unknown option '--nonsense'/],
  ])("says so in a line: %s", async (_what, args, text) => {
    const run = lab.run(args, { isInteractive: false });

    expect(await run.code).toBe(2);
    expect(run.said()).toMatch(text);
    expect(lab.aws.parameters.names()).toEqual([]);
  });

  it("touches nothing where a check of the account fails", async () => {
    lab.aws.quotas.set("L-CD1C0CC4", 4);
    const run = lab.run(["--owner", "my-org", "--yes"]);

    expect(await run.code).toBe(1);
    expect(run.terminal.text()).toMatch(/FAIL {2}Quota: memory/);
    expect(lab.aws.parameters.names()).toEqual([]);
    expect(lab.github.calls()).toEqual([]);
  });

  it("refuses a name that is deployed in another Region", async () => {
    lab.aws.iam.roles.create({ name: "gha-microvm-dispatcher", path: "/", trust: {} });
    const run = lab.run(["--owner", "my-org", "--yes"]);

    expect(await run.code).toBe(1);
    expect(run.terminal.text()).toMatch(/deployed in[\s\S]*another Region[\s\S]*--name-prefix/);
  });

  it("writes no key where git would take it", async () => {
    await promisify(execFile)("git", ["init", "--quiet", lab.folder]);
    const run = lab.run(["--owner", "my-org", "--yes", "--key", `file:${join(lab.folder, "app.pem")}`]);

    expect(await run.code).toBe(2);
    expect(run.said()).toMatch(/would be committed/);
  });
});

describe("after the set-up", () => {
  it("puts a new key in the old one's place, and names the old one", async () => {
    await setUp(lab, []);
    const old = fingerprint(theApp().privateKey);
    const file = await newKeyFile();
    const run = lab.run(["--rotate-key", "--key-file", file]);

    expect(await run.code).toBe(0);
    expect(run.terminal.text()).toContain(old);
    expect(lab.aws.parameters.get(KEY)?.value).not.toBe(theApp().privateKey);
    const same = lab.run(["--rotate-key", "--key-file", file]);
    expect(await same.code).toBe(2);
    expect(same.said()).toMatch(/is the key that is there already/);
  });

  it("refuses a key that is not the App's", async () => {
    await setUp(lab, []);
    const file = join(lab.folder, "other.pem");
    await writeFile(file, lab.github.app.privateKey);
    const run = lab.run(["--rotate-key", "--key-file", file]);

    expect(await run.code).toBe(2);
    expect(run.said()).toMatch(/GitHub refuses the key/);
    expect(lab.aws.parameters.get(KEY)?.value).toBe(theApp().privateKey);
  });

  it("says in which order it is taken away, and takes its own part away", async () => {
    await setUp(lab, []);
    const plan = lab.run([], { command: "remove" });
    expect(await plan.code).toBe(0);
    expect(plan.terminal.text()).toMatch(/terraform destroy[\s\S]*remove --yes[\s\S]*\/advanced/);
    expect(lab.aws.parameters.names()).toEqual([KEY, RECORD].toSorted());

    const run = lab.run(["--yes"], { command: "remove" });
    expect(await run.code).toBe(0);
    expect(lab.aws.parameters.names()).toEqual([]);
    expect(lab.github.installationsOf(theApp())).toEqual([]);
  });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { FormBrowser } from "./form-browser.ts";
import { type SetupLab, type SetupRun, startSetupLab } from "./setup-lab.ts";

/** Cuts the command off from its call of that number on; answers what ends that. */
type Kill = (lab: SetupLab, run: SetupRun, from: number) => () => void;

/** From here on the command reaches nothing any more, as one that was killed. */
const atAws: Kill = (lab, run, from) => {
  let calls = 0;
  return lab.aws.gateway.onCall({ phase: "before" }, () => {
    calls += 1;
    if (calls < from) return undefined;
    run.terminal.interrupt();
    return "disconnect";
  });
};

const atGitHub =
  (phase: "before" | "after"): Kill =>
  (lab, run, from) => {
    let [calls, before] = [0, ""];
    const real = globalThis.fetch;
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const { url, method } = new Request(input, init);
      // Its pages are for the browser.
      if (!url.startsWith(`${lab.github.htmlUrl}/api/v3`)) return real(input, init);
      // Asking again and again for the same thing is one call.
      if (before !== `${method} ${url}`) calls += 1;
      before = `${method} ${url}`;
      if (calls < from) return real(input, init);
      if (phase === "after" && calls === from) await real(input, init);
      run.terminal.interrupt();
      throw new TypeError("fetch failed");
    });
    return () => spy.mockRestore();
  };

/** As a person would: presses what there is to press, until the command has ended. */
async function goThrough(
  lab: SetupLab,
  args: readonly string[],
  kill?: (run: SetupRun) => () => void,
): Promise<{ code: number; text: string }> {
  const run = lab.run(["--owner", "my-org", "--yes", ...args]);
  const stop = kill?.(run);
  let page = "";
  const pressing = run.browser
    .then(async (browser) => {
      await press(browser, await run.page);
      page = browser.html;
      // Nobody goes on from there: the page of the command has said what to do.
      if (page.includes(TAKEN)) run.terminal.interrupt();
    })
    .catch(() => undefined);
  const code = await run.code;
  stop?.();
  await Promise.race([pressing, Promise.resolve()]);
  return { code, text: run.terminal.text() + run.said() + page };
}

/** What GitHub's form says of an App that was made before. */
const TAKEN = "Name is already taken";

async function press(browser: FormBrowser, page: string): Promise<void> {
  if (browser.html.includes("Create on GitHub")) {
    expect(browser.html).toContain("setup --app-id NUMBER --key-file FILE.pem");
    await browser.press();
    await browser.press();
    if (browser.html.includes(TAKEN)) return;
  }
  await browser.until("Install in my-org");
  await browser.follow("Install in my-org");
  await browser.press();
  await browser.open(new URL("/", page).toString());
  await browser.until("This tab can be closed");
}

/** A browser and a set-up for each of more than ten calls. */
const PATIENCE_MS = 1_800_000;

/** Kills a set-up at its call of that number and runs it again; false where it had ended before. */
async function endsWithOneApp(kill: Kill, at: number): Promise<boolean> {
  const lab = await startSetupLab();
  try {
    const first = await goThrough(lab, [], (run) => kill(lab, run, at));
    if (first.code === 3) return false;
    const made = () => lab.github.apps().slice(1);
    let again = await goThrough(lab, []);
    if (again.text.includes("--key-file") || again.text.includes(TAKEN)) {
      const [app] = made();
      if (app === undefined) throw new Error(`no App was made:\n${again.text}`);
      const file = join(lab.folder, "new.pem");
      await writeFile(file, (await lab.github.addAppKey(app)).privateKey);
      again = await goThrough(lab, ["--app-id", String(app.id), "--key-file", file]);
    }
    expect(again.code, `killed at call ${at}: ${first.text}\n---\n${again.text}`).toBe(3);
    expect(made()).toHaveLength(1);
    expect(lab.aws.parameters.get("/gha-microvm/github-app-key")?.value).toContain("PRIVATE KEY");
    expect(await lab.file("main.tf")).toContain(`"${made()[0]?.id}"`);
    return true;
  } finally {
    await lab.stop();
  }
}

describe("set-up that is killed and run again ends with one App, and one key", () => {
  it.each([
    { what: "each of its calls to AWS", kill: atAws, atLeast: 10 },
    { what: "each of its calls to GitHub, before it", kill: atGitHub("before"), atLeast: 3 },
    { what: "each of its calls to GitHub, when all has happened", kill: atGitHub("after"), atLeast: 3 },
  ])("at $what", { timeout: PATIENCE_MS }, async ({ kill, atLeast }) => {
    let at = 1;
    while (await endsWithOneApp(kill, at)) at += 1;
    expect(at - 1).toBeGreaterThan(atLeast);
  });
});

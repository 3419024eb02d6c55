import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FormBrowser } from "./form-browser.ts";
import { type SetupLab, startSetupLab } from "./setup-lab.ts";

/** As a person would: presses what there is to press, until the command has ended. */
async function goThrough(
  lab: SetupLab,
  args: readonly string[],
  dieAt?: number,
): Promise<{ code: number; text: string }> {
  let calls = 0;
  const run = lab.run(["--owner", "my-org", "--yes", ...args]);
  const stop = lab.aws.gateway.onCall({ phase: "before" }, () => {
    calls += 1;
    if (dieAt === undefined || calls < dieAt) return undefined;
    // From here on the command reaches nothing any more, as one that was killed.
    run.terminal.interrupt();
    return "disconnect";
  });
  const pressing = run.browser.then(async (browser) => press(browser, await run.page)).catch(() => undefined);
  const code = await run.code;
  stop();
  await Promise.race([pressing, Promise.resolve()]);
  return { code, text: run.terminal.text() + run.said() };
}

async function press(browser: FormBrowser, page: string): Promise<void> {
  if (browser.html.includes("Create on GitHub")) {
    await browser.press();
    await browser.press();
  }
  await browser.until("Install in my-org");
  await browser.follow("Install in my-org");
  await browser.press();
  await browser.open(new URL("/", page).toString());
  await browser.until("This tab can be closed");
}

/** A browser and a set-up for each of more than ten calls. */
const PATIENCE_MS = 1_800_000;

describe("set-up that is killed", () => {
  it("at each of its calls to AWS and run again ends with one App, and one key", { timeout: PATIENCE_MS }, async () => {
    const told: string[] = [];
    for (let dieAt = 1; ; dieAt++) {
      const lab = await startSetupLab();
      try {
        const first = await goThrough(lab, [], dieAt);
        if (first.code === 3) break;
        const made = () => lab.github.apps().slice(1);
        let again = await goThrough(lab, []);
        if (again.text.includes("--key-file")) {
          const [app] = made();
          if (app === undefined) throw new Error(`no App was made:\n${again.text}`);
          const file = join(lab.folder, "new.pem");
          await writeFile(file, (await lab.github.addAppKey(app)).privateKey);
          again = await goThrough(lab, ["--app-id", String(app.id), "--key-file", file]);
        }
        expect(again.code, `killed at call ${dieAt}: ${first.text}\n---\n${again.text}`).toBe(3);
        expect(made()).toHaveLength(1);
        expect(lab.aws.parameters.get("/gha-microvm/github-app-key")?.value).toContain("PRIVATE KEY");
        expect(await lab.file("main.tf")).toContain(`"${made()[0]?.id}"`);
        told.push(`${dieAt}: ${first.code}`);
      } finally {
        await lab.stop();
      }
    }
    expect(told.length).toBeGreaterThan(10);
  });
});

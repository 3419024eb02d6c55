import type { FormBrowser } from "./form-browser.ts";
import type { RunOptions, SetupLab, SetupRun } from "./setup-lab.ts";

export interface SetUp extends SetupRun {
  main: string;
  exitCode: number;
  page: Promise<string>;
}

/** Presses what a person presses: makes the App, and installs it. */
export async function makeAndInstall(browser: FormBrowser, page: string, owner = "my-org"): Promise<void> {
  await browser.press();
  await browser.press();
  await browser.until(`Install in ${owner}`);
  await browser.follow(`Install in ${owner}`);
  await browser.press();
  await browser.open(new URL("/", page).toString());
  await browser.until("This tab can be closed");
}

/** The whole of set-up, to its `main.tf`. */
export async function setUp(
  lab: SetupLab,
  args: readonly string[],
  more: RunOptions & { owner?: string } = {},
): Promise<SetUp> {
  const owner = more.owner ?? "my-org";
  const run = lab.run(["--owner", owner, "--yes", ...args], more);
  await Promise.race([run.code, run.browser.then(async (browser) => makeAndInstall(browser, await run.page, owner))]);
  const exitCode = await run.code;
  return { ...run, exitCode, main: await lab.file("main.tf").catch(() => "") };
}

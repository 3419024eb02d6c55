import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { PATIENCE_MS } from "./eventually.ts";

/** Where Debian and GitHub's images have it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

/** The browser of this machine; undefined where there is none, which under CI is an error. */
export function findChromium(): string | undefined {
  const found = PLACES.find((path) => existsSync(path));
  if (found === undefined && process.env.CI) {
    throw new Error(`no Chromium at ${PLACES.join(" or ")}: under CI its tests are to run (apt-get install chromium)`);
  }
  if (found === undefined)
    console.log("Chromium is not installed (Debian: chromium): what wants a browser was not run.");
  return found;
}

export function launchChromium(executablePath: string): Promise<Browser> {
  // Root, as which containers run, has no sandbox.
  return chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: PATIENCE_MS });
}

/** A page that nobody else's knows anything of, as another person's browser would not. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  return context.newPage();
}

const axeSource: string = createRequire(import.meta.url)("axe-core").source;

/**
 * What axe finds on a page, light and dark, and whether it scrolls sideways where it is narrow; empty when all is well.
 */
export async function problemsOf(page: Page): Promise<string[]> {
  const problems: string[] = [];
  const before = page.viewportSize();
  for (const [width, colorScheme] of [
    [1_024, "light"],
    [320, "light"],
    [320, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 720 });
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axeSource);
    // The page has what the script just put there, which the compiler does not see.
    const { violations } = await page.evaluate<AxeResults>("axe.run()");
    const where = `${page.url()} at ${width} px, ${colorScheme}`;
    problems.push(...violations.map(({ id, help, nodes }) => `${where}: ${id}, ${help}: ${nodes[0]?.html ?? ""}`));
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
    if (wide > width) problems.push(`${where}: scrolls sideways, ${wide} px`);
  }
  if (before !== null) await page.setViewportSize(before);
  return problems;
}

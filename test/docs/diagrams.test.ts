import { afterAll, describe, expect, it } from "vitest";
import { builtinEnvironments } from "vitest/runtime";
import { fencedBlocks, markdownFiles } from "./markdown.ts";

// Mermaid draws into a page. jsdom lays nothing out, so every text is said to be as large as this.
const page = await builtinEnvironments.jsdom.setup(globalThis, {});
afterAll(() => page.teardown(globalThis));
Object.assign(SVGElement.prototype, {
  getBBox: () => ({ x: 0, y: 0, width: 80, height: 20 }),
  getComputedTextLength: () => 80,
});
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false });

const diagrams = markdownFiles().flatMap(({ path, text }) =>
  fencedBlocks(text, "mermaid").map((code, index) => ({ name: `${path} ${index + 1}`, id: `diagram-${index}`, code })),
);

describe("diagrams", () => {
  it.each(diagrams)("renders $name", async ({ id, code }) => {
    const { svg } = await mermaid.render(id, code);

    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/);
  });

  it("refuses a diagram that is broken off", async () => {
    await expect(mermaid.render("broken", "stateDiagram-v2\n  claimed --> ")).rejects.toThrow(/Parse error/);
  });
});

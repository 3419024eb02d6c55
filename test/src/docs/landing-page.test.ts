import { describe, expect, it } from "vitest";
import { drawArchitecture } from "../../../src/docs/draw-architecture.ts";
import peers from "../../../src/docs/peers.json" with { type: "json" };
import { printCostsLine } from "../../../src/docs/print-costs-line.ts";
import { printPeers } from "../../../src/docs/print-peers.ts";
import { readProjectFile } from "../../docs/markdown.ts";

describe("the comparison with others", () => {
  it("has a source and a date for each cell of each row", () => {
    for (const { title, cells } of peers.rows) {
      expect(cells, title).toHaveLength(peers.columns.length);
      for (const { text, source, date } of cells) {
        expect(text).not.toBe("");
        expect(source.startsWith("docs/") || URL.canParse(source), `${title}: ${source}`).toBe(true);
        expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
      }
    }
    expect(printPeers()).toContain("](https://docs.github.com/");
  });
});

describe("the costs in a sentence", () => {
  it("are the table's figures", () => {
    expect(printCostsLine()).toMatch(/^A job of 5 minutes costs \$0\.025 at 4 GiB and \$0\.048 at 8 GiB/);
  });
});

describe("the picture of the parts", () => {
  it("says what it shows to whoever cannot see it, and knows light and dark", () => {
    const svg = drawArchitecture();
    expect(svg).toMatch(/<title id="title">[^<]+<\/title>\n\s+<desc id="desc">[^<]{100,}<\/desc>/);
    expect(svg).toContain("prefers-color-scheme: dark");
  });
});

describe("the README", () => {
  it("says under its title that nothing has run in an account, and how to begin before anything else", () => {
    const text = readProjectFile("README.md");
    expect(text).toMatch(/^# .*\n\n(?:<!-- BEGIN_STATUS -->\n\n)?\*\*Status: proven in simulation only\.\*\*/);
    expect(text.indexOf("gha-microvm.cjs setup")).toBeLessThan(text.indexOf("## "));
  });
});

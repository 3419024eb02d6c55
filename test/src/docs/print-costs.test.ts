import { describe, expect, it } from "vitest";
import prices from "../../../microvm/prices.json" with { type: "json" };
import { insertSection } from "../../../src/docs/insert-section.ts";
import { hostedUsd, microvmUsd, printCosts } from "../../../src/docs/print-costs.ts";

describe("printCosts", () => {
  it("bills a MicroVM by the second, with its start and the snapshot that it is read from", () => {
    const { vcpu, gigabyte } = prices.usdPerSecond["us-east-1"];
    const perMinute = 60 * (2 * vcpu + 4 * gigabyte);

    expect(microvmUsd(4_096, 6) - microvmUsd(4_096, 5)).toBeCloseTo(perMinute, 10);
    expect(microvmUsd(4_096, 0)).toBeGreaterThan(perMinute / 2);
  });

  it("bills a GitHub-hosted runner by whole minutes", () => {
    expect(hostedUsd("linux_2_core_arm", 0.5)).toBe(hostedUsd("linux_2_core_arm", 1));
    expect(hostedUsd("linux_2_core_arm", 1.1)).toBe(hostedUsd("linux_2_core_arm", 2));
  });

  it("names a source with its date for each price", () => {
    const text = printCosts();

    expect(text).toContain("read on 2026-08-07 by laithalsaadoon/microvms-agentd");
    expect(text).toMatch(/actions-runner-pricing.*read on 2026-\d\d-\d\d/);
  });
});

describe("insertSection", () => {
  it("replaces what stands between the markers, and only that", () => {
    const once = insertSection("a\n<!-- BEGIN_X -->\nold\n<!-- END_X -->\nb\n", "X", "new");

    expect(once).toBe("a\n<!-- BEGIN_X -->\n\nnew\n\n<!-- END_X -->\nb\n");
    expect(insertSection(once, "X", "new")).toBe(once);
  });

  it("refuses a document without the markers", () => {
    expect(() => insertSection("text", "X", "new")).toThrow(/BEGIN_X/);
  });
});

import { describe, expect, it } from "vitest";
import { readOutdated } from "../../../src/release/upgrade-versions.ts";

const valibot = { current: "1.5.0", wanted: "1.5.0", latest: "1.6.0", location: "node_modules/valibot" };

describe("what npm says is outdated", () => {
  it("is nothing where it prints nothing", () => {
    expect(readOutdated({ status: 0, stdout: "", stderr: "" })).toEqual({});
    expect(readOutdated({ status: 0, stdout: "{}\n", stderr: "" })).toEqual({});
  });

  it("is each package, which npm ends with 1 for", () => {
    const packages = { valibot, error: { ...valibot, location: "node_modules/error" } };
    expect(readOutdated({ status: 1, stdout: JSON.stringify(packages), stderr: "" })).toEqual(packages);
  });

  it("is not known where npm failed", () => {
    const failed = JSON.stringify({ error: { code: "ENOTFOUND", summary: "request to the registry failed" } });
    expect(() => readOutdated({ status: 1, stdout: failed, stderr: "" })).toThrow("request to the registry failed");
    const wordless = JSON.stringify({ error: { code: "ENOTFOUND" } });
    expect(() => readOutdated({ status: 1, stdout: wordless, stderr: "" })).toThrow("ENOTFOUND");
    expect(() => readOutdated({ status: 2, stdout: "", stderr: "no such command" })).toThrow("no such command");
    expect(() => readOutdated({ status: null, stdout: "", stderr: "" })).toThrow("npm outdated failed");
  });
});

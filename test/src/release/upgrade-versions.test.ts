import { describe, expect, it } from "vitest";
import { upgradeVersions } from "../../../src/release/upgrade-versions.ts";

const PROJENRC = `const VERSIONS = { cdktf: "0.21.0", node: "24.1.0" };
  projenVersion: "0.103.25",
  "valibot@1.5.0", "@octokit/request@10.0.16", "not-valibot@1.5.0",
  \`cdktf@\${VERSIONS.cdktf}\`, \`node@\${VERSIONS.node}\`, \`@cdktf/hcl2json@\${VERSIONS.cdktf}\`,
  new javascript.Biome(project, { version: "2.6.8" });
`;

describe("upgradeVersions", () => {
  it.each([
    ["valibot", "1.5.0", "1.6.1", '"valibot@1.6.1"'],
    ["@octokit/request", "10.0.16", "10.1.0", '"@octokit/request@10.1.0"'],
    ["node", "24.1.0", "24.2.0", 'node: "24.2.0"'],
    ["@cdktf/hcl2json", "0.21.0", "0.21.1", 'cdktf: "0.21.1"'],
    ["projen", "0.103.25", "0.104.0", 'projenVersion: "0.104.0"'],
    ["@biomejs/biome", "2.6.8", "2.7.0", 'version: "2.7.0"'],
  ])("writes the newest %s where it is named, and nowhere else", (name, current, latest, expected) => {
    const upgraded = upgradeVersions(PROJENRC, { [name]: { current, latest } });

    expect(upgraded).toContain(expected);
    expect(upgraded.split(latest)).toHaveLength(2);
    expect(upgraded.replace(latest, current)).toBe(PROJENRC);
  });

  it("leaves a new major to a person", () => {
    expect(upgradeVersions(PROJENRC, { valibot: { current: "1.5.0", latest: "2.0.0" } })).toBe(PROJENRC);
  });

  it("leaves alone what is not named, or not installed", () => {
    const outdated = { other: { current: "1.5.0", latest: "1.6.0" }, valibot: { latest: "1.6.0" } };

    expect(upgradeVersions(PROJENRC, outdated)).toBe(PROJENRC);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Target } from "../../conformance/real-providers/target.ts";
import { tryProviders } from "../../conformance/real-providers/try-providers.ts";
import { findTerraform } from "../../lab/terraform/find-terraform.ts";
import { APP_KEY } from "../module/open-module.ts";
import { mirrorProviders, type ProviderMirror } from "./support/provider-mirror.ts";

let mirror: ProviderMirror;
beforeAll(async () => {
  mirror = await mirrorProviders({
    "hashicorp/archive": ["2.4.0", "2.7.1"],
    "hashicorp/aws": ["6.29.0", "6.66.0", "7.0.0"],
    "hashicorp/awscc": ["1.90.0", "1.97.0"],
    "hashicorp/random": ["3.6.0", "3.7.2"],
    "integrations/github": ["6.2.0", "6.13.0"],
  });
});
afterAll(() => mirror.close());

const target = (): Target => ({ env: mirror.env, appKey: APP_KEY, variables: {}, stop: async () => undefined });

describe("providers from a folder", () => {
  it("are taken in the lowest and in the newest versions that the module allows, and pass", async () => {
    const said: string[] = [];
    const findings = await tryProviders({
      ...{ tool: await findTerraform(), target: target(), apply: true, say: (text) => said.push(text) },
      // Each run of a test starts every provider anew: one file of them is enough to see that they run.
      ...{ versions: ["lowest", "newest"], examples: ["github-app"], tests: ["webhooks.tftest.hcl"] },
    });

    expect(findings).toEqual([]);
    expect(said).toEqual([
      expect.stringMatching(/^module, lowest versions: .*\baws 6\.29\.0 .*test: \d+ passed$/),
      expect.stringMatching(
        /^examples\/github-app, lowest versions: .*\baws 6\.29\.0 .*github 6\.2\.0.*applied \d+, planned again/,
      ),
      expect.stringMatching(/^module, newest versions: .*\baws 6\.66\.0 .*test: \d+ passed$/),
      expect.stringMatching(
        /^examples\/github-app, newest versions: .*\baws 6\.66\.0 .*github 6\.13\.0.*applied \d+, planned/,
      ),
    ]);
  });

  it("that lack a version are named", async () => {
    const poor = await mirrorProviders({ "hashicorp/aws": ["6.28.0"] });
    try {
      const findings = await tryProviders({
        ...{ tool: await findTerraform(), target: { ...target(), env: poor.env }, apply: false, say: () => undefined },
        ...{ versions: ["lowest"], examples: [] },
      });
      expect(findings).toEqual([expect.stringMatching(/^module, lowest versions: init ended in 1:/)]);
    } finally {
      await poor.close();
    }
  });
});

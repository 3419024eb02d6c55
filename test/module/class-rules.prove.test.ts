import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import { CLASS_IMAGE_MEMBERS, CLASS_MEMBERS } from "../../src/interface/runner-classes-input.ts";
import { openClasses } from "./open-classes.ts";
import { VALIDATION_CASES } from "./validation-cases.ts";

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

describe("the inputs' own rules", () => {
  const isMember = (name: string) => name in CLASS_MEMBERS || name in CLASS_IMAGE_MEMBERS;
  // What a class leaves out of runner_labels has its required ones.
  const chosen = VALIDATION_CASES.filter(({ message }) => !/must all be in runner_labels/.test(message)).flatMap(
    ({ message, bad }) =>
      bad.filter((inputs) => Object.keys(inputs).every(isMember)).map((inputs) => ({ message, inputs })),
  );
  const asClass = (inputs: Record<string, unknown>) => {
    const entries = Object.entries(inputs);
    const image = entries.filter(([name]) => name in CLASS_IMAGE_MEMBERS);
    const own = entries.filter(([name]) => !(name in CLASS_IMAGE_MEMBERS));
    return { ...Object.fromEntries(own), ...(image.length > 0 ? { image: Object.fromEntries(image) } : {}) };
  };

  it("hold for each class, which is named", async () => {
    const calls = chosen.map(({ inputs }, index): [string, Record<string, unknown>] => [
      `bad_${index}`,
      { runner_classes: { [`c-${index}`]: asClass(inputs) } },
    ]);
    const lines: string[] = [];
    // Terraform's time for one plan grows faster than the number of calls in it.
    for (let start = 0; start < calls.length; start += 20) {
      const workspace = await openClasses(Object.fromEntries(calls.slice(start, start + 20)), providers);
      for (const { detail } of await workspace.diagnose()) lines.push(...detail.split("\n"));
      await workspace.close();
    }
    const missing = chosen.flatMap(({ message, inputs }, index) => {
      const told = lines.filter((line) => line.includes(`class c-${index}: `));
      return told.some((line) => line.includes(message)) ? [] : [{ message, inputs, told }];
    });
    expect(missing).toEqual([]);
    expect(chosen.length).toBeGreaterThan(60);
  });
});

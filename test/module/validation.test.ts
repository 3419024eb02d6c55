import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedProviders, serveProviders } from "../lab/terraform/serve-providers.ts";
import type { Diagnostic } from "../lab/terraform/terraform.ts";
import { GOOD_CALL, openModule } from "./open-module.ts";
import { MODULE_DIR, parseModule } from "./parse-module.ts";
import { VALIDATION_CASES, type ValidationCase } from "./validation-cases.ts";

/** What a plan says against each call of the module, by the call's name. */
async function planCalls(
  calls: Record<string, Record<string, unknown>>,
  providers: ServedProviders,
): Promise<Map<string, Diagnostic[]>> {
  const workspace = await openModule(calls, providers);
  const found = await workspace.diagnose();
  await workspace.close();
  const byCall = new Map<string, Diagnostic[]>(Object.keys(calls).map((name) => [name, []]));
  for (const diagnostic of found) {
    // In a file of Terraform's JSON syntax the context is the path of the block: `module.NAME.ARGUMENT`.
    const name = /module\.(\w+)/.exec(diagnostic.block)?.[1] ?? "";
    byCall.set(name, [...(byCall.get(name) ?? []), diagnostic]);
  }
  return byCall;
}

/** One call of the module for each value on one side of the chosen cases: a single plan tells of all of them. */
function callsOf(
  side: "bad" | "good",
  chosen: (each: ValidationCase) => boolean,
): Record<string, Record<string, unknown>> {
  const calls = numbered
    .filter(chosen)
    .flatMap(({ index, [side]: values }) =>
      values.map((inputs, position): [string, Record<string, unknown>] => [
        `${side}_${index}_${position}`,
        { ...GOOD_CALL, ...inputs },
      ]),
    );
  return Object.fromEntries(calls);
}

const numbered = VALIDATION_CASES.map((each, index) => ({ ...each, index }));

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

describe("the module's validations", () => {
  let refused: Map<string, Diagnostic[]>;
  beforeAll(async () => {
    const single = await planCalls(
      callsOf("bad", ({ pair }) => pair === undefined),
      providers,
    );
    const pairs = await planCalls(
      callsOf("bad", ({ pair }) => pair === true),
      providers,
    );
    refused = new Map([...single, ...pairs]);
  });

  it.each(numbered)("refuse $what", ({ bad, index, message }) => {
    for (const [position, inputs] of bad.entries()) {
      const errors = (refused.get(`bad_${index}_${position}`) ?? []).filter(({ severity }) => severity === "error");
      const messages = errors.map(({ detail }) => detail);

      expect({ inputs: Object.keys(inputs), messages }).toMatchObject({
        messages: expect.arrayContaining([expect.stringContaining(message)]),
      });
      expect(errors.map(({ summary }) => summary)).toEqual(errors.map(() => "Invalid value for variable"));
    }
  });

  it("never print the App's private key", () => {
    expect(JSON.stringify([...refused.values()])).not.toMatch(/[A-Za-z0-9+/]{60}/);
  });

  it("are all in this table", async () => {
    const { variables } = await parseModule(MODULE_DIR);
    const rules = Object.values(variables).flatMap(({ validation }) => (Array.isArray(validation) ? validation : []));
    const untested = rules
      .map((rule) => String(rule.error_message))
      .filter((text) => !VALIDATION_CASES.some(({ message }) => text.startsWith(message)));

    expect(untested).toEqual([]);
  });
});

describe("the module's validations, when the value is a good one,", () => {
  let accepted: Map<string, Diagnostic[]>;
  beforeAll(async () => {
    accepted = await planCalls(
      callsOf("good", () => true),
      providers,
    );
  });

  it("let the plan begin", () => {
    expect(accepted.get("")).toBeUndefined();
  });

  it.each(numbered)("accept a neighbour of $what", ({ good, index }) => {
    expect(good.map((_, position) => accepted.get(`good_${index}_${position}`))).toEqual(good.map(() => []));
  });
});

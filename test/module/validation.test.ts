import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import type { Diagnostic } from "../../lab/terraform/terraform.ts";
import { GOOD_CALL, openInputs, openModule } from "./open-module.ts";
import { MODULE_DIR, parseModule } from "./parse-module.ts";
import type { ValidationCase } from "./validation-case.ts";
import { VALIDATION_CASES } from "./validation-cases.ts";

type Inputs = Record<string, unknown>;

/** One plan holds some hundred calls: seconds on an idle machine, minutes beside others that keep both cores busy. */
const PATIENCE_MS = 900_000;

const numbered = VALIDATION_CASES.map((each, index) => ({ ...each, index }));

/** Ten calls take Terraform 0.1 s of processor time, fifty 1 s, a hundred 4 s. */
const CALLS_OF_A_PLAN = 20;

/** What a plan says against each call of the module, by the call's name. */
async function planCalls(
  open: typeof openModule,
  calls: Record<string, Inputs>,
  providers: ServedProviders,
): Promise<Map<string, Diagnostic[]>> {
  const byCall = new Map<string, Diagnostic[]>(Object.keys(calls).map((name) => [name, []]));
  const names = Object.keys(calls);
  for (let start = 0; start < names.length; start += CALLS_OF_A_PLAN) {
    const part = names.slice(start, start + CALLS_OF_A_PLAN).map((name) => [name, calls[name] ?? {}]);
    const workspace = await open(Object.fromEntries(part), providers);
    for (const diagnostic of await workspace.diagnose()) {
      // In a file of Terraform's JSON syntax the context is the path of the block: `module.NAME.ARGUMENT`.
      const name = /module\.(\w+)/.exec(diagnostic.block)?.[1] ?? "";
      byCall.set(name, [...(byCall.get(name) ?? []), diagnostic]);
    }
    await workspace.close();
  }
  return byCall;
}

/** One call of the module for each bad value of the chosen cases. */
function badCalls(chosen: (each: ValidationCase) => boolean): Record<string, Inputs> {
  const calls = numbered
    .filter(chosen)
    .flatMap(({ index, bad }) =>
      bad.map((inputs, position): [string, Inputs] => [`bad_${index}_${position}`, { ...GOOD_CALL, ...inputs }]),
    );
  return Object.fromEntries(calls);
}

/** As few calls as hold all the good values, with the call of each case's values. */
function goodCalls(): { calls: Record<string, Inputs>; callsOf: string[][] } {
  const shared: Inputs[] = [];
  const callsOf = VALIDATION_CASES.map(({ good }) =>
    good.map((inputs) => {
      const names = Object.keys(inputs);
      const fitting = shared.findIndex((call) => names.every((name) => !(name in call)));
      const index = fitting === -1 ? shared.length : fitting;
      shared[index] = { ...shared[index], ...inputs };
      return `good_${index}`;
    }),
  );
  const calls = shared.map((inputs, index): [string, Inputs] => [`good_${index}`, { ...GOOD_CALL, ...inputs }]);
  return { calls: Object.fromEntries(calls), callsOf };
}

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

describe("the module's validations", () => {
  let refused: Map<string, Diagnostic[]>;
  beforeAll(async () => {
    const single = await planCalls(
      openInputs,
      badCalls(({ pair }) => pair === undefined),
      providers,
    );
    const pairs = await planCalls(
      openInputs,
      badCalls(({ pair }) => pair === true),
      providers,
    );
    refused = new Map([...single, ...pairs]);
  }, PATIENCE_MS);

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
  const { calls, callsOf } = goodCalls();
  let accepted: Map<string, Diagnostic[]>;
  beforeAll(async () => {
    accepted = await planCalls(openInputs, calls, providers);
  }, PATIENCE_MS);

  it("let the plan of the whole module begin", { timeout: PATIENCE_MS }, async () => {
    const whole = await planCalls(openModule, { good_0: calls.good_0 ?? {} }, providers);

    expect([...whole.values()].flat().filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it.each(numbered)("accept a neighbour of $what", ({ good, index }) => {
    const said = (callsOf[index] ?? []).map((call) => accepted.get(call));

    expect(said).toEqual(good.map(() => []));
  });
});

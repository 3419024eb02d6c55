import { afterEach, expect, it } from "vitest";
import { applyWithKeyIn, expectKeyToServe, inKms } from "./app-key-places.ts";
import type { AppliedLab } from "./applied-lab.ts";

let lab: AppliedLab | undefined;
afterEach(() => lab?.stop());

it("the App's key in KMS, which signs, runs a job, and is in no state", async () => {
  const { applied, kept } = await applyWithKeyIn(inKms);
  lab = applied;

  await expectKeyToServe(applied, kept);

  expect(kept.replace).toBeUndefined();
});

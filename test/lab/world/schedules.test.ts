import { expect, it } from "vitest";
import { keepsPromises } from "../../support/keeps-promises.ts";

it("keeps every promise in 60 random schedules", async () => {
  expect(await keepsPromises({ seed: 7, schedules: 60 })).toBe("every promise kept");
});

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { appOperations } from "../../../lab/github/app-operations.ts";
import { hookOperations } from "../../../lab/github/hook-operations.ts";
import { jobOperations } from "../../../lab/github/job-operations.ts";
import { NEEDS } from "../../../lab/github/permissions.ts";
import { runnerOperations } from "../../../lab/github/runner-operations.ts";
import { userOperations } from "../../../lab/github/user-operations.ts";

it("says what every operation of the description needs, and each is served", () => {
  const api: { paths: Record<string, Record<string, { operationId: string }>> } = JSON.parse(
    readFileSync(new URL("../../../lab/github/api.json", import.meta.url), "utf8"),
  );

  const described = Object.values(api.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId));

  const served = { ...appOperations, ...hookOperations, ...jobOperations, ...runnerOperations, ...userOperations };
  expect(Object.keys(NEEDS).sort()).toEqual(described.toSorted());
  expect([...Object.keys(served), "rate-limit/get"].sort()).toEqual(described.toSorted());
});

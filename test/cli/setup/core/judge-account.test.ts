import { describe, expect, it } from "vitest";
import { type AccountViews, judgeAccount, memoryFor } from "../../../../cli/setup/core/judge-account.ts";

const GOOD: AccountViews = {
  ...{ region: "eu-west-1", prefix: "gha-microvm", deployed: false },
  images: { value: 3 },
  memory: { value: 400 },
  functions: { value: 1_000 },
  launches: { value: 5 },
  role: { value: false },
};
const REFUSED = { skip: "ListManagedMicrovmImages was refused" };

function outcome(check: string, change: Partial<AccountViews>) {
  const found = judgeAccount({ ...GOOD, ...change }).find((each) => each.check === check);
  return `${found?.outcome}: ${found?.text}`;
}

describe("the account before anything is made", () => {
  it("is ready", () => {
    expect(judgeAccount(GOOD).map((each) => each.outcome)).toEqual(["pass", "pass", "pass", "pass", "pass"]);
  });

  it("has MicroVMs in the Region, or not, or nobody may look", () => {
    expect(outcome("account.region", { images: REFUSED, elsewhere: { value: 3 } })).toBe(
      "fail: eu-west-1 has no Lambda MicroVMs",
    );
    expect(outcome("account.region", { images: REFUSED, elsewhere: REFUSED })).toMatch(
      /^skip: the right .* is missing/,
    );
    expect(outcome("account.region", { images: REFUSED })).toMatch(/^skip: /);
  });

  it("gets smaller MicroVMs where its quota has room for little more", () => {
    expect(memoryFor({ value: 400 })).toBeUndefined();
    expect(memoryFor({ value: 32 })).toBe(2_048);
    expect(memoryFor({ value: 8 })).toBe(2_048);
    expect(memoryFor({ skip: "not allowed" })).toBeUndefined();
    expect(outcome("aws.quota-memory", { memory: { value: 8 } })).toMatch(/^pass: 8 GB: 1 job at once with 2048 MiB/);
    expect(outcome("aws.quota-memory", { memory: { value: 4 } })).toMatch(/^fail: /);
    expect(outcome("aws.quota-memory", { memory: { skip: "not allowed" } })).toBe("skip: not allowed");
  });

  it("has the name free, or its own deployment, or one in another Region", () => {
    expect(outcome("account.name", { role: { value: true }, deployed: true })).toMatch(/^pass: .* is deployed in/);
    expect(outcome("account.name", { role: { value: true } })).toMatch(/^fail: .*another Region/);
    expect(outcome("account.name", { role: { skip: "not allowed" } })).toBe("skip: not allowed");
  });
});

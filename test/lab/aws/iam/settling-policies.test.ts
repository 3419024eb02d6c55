import { describe, expect, it } from "vitest";
import { LAB_ACCOUNT } from "../../../../lab/aws/account.ts";
import { createIam } from "../../../../lab/aws/iam/iam.ts";
import { manualClock } from "../support/manual-clock.ts";

const allow = (Action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource: "*" }],
});

function roleWith(settleMs: number) {
  const clock = manualClock();
  const iam = createIam(LAB_ACCOUNT, clock, settleMs);
  const { policies } = iam.roles.create({ name: "r", path: "/", trust: {} });
  const may = (action: string) =>
    iam.isAllowed({ roleName: "r", sessionName: "s" }, { action, resource: "arn:aws:sqs:eu-west-1:123456789012:q" });
  return { clock, policies, may };
}

describe("a policy", () => {
  it("counts at once by default", async () => {
    const { policies, may } = roleWith(0);
    policies.set("own", allow("sqs:SendMessage"));

    expect(await may("sqs:SendMessage")).toBe(true);
  });

  it("counts some time after it was written, and the one before it until then", async () => {
    const { clock, policies, may } = roleWith(10_000);
    policies.set("own", allow("sqs:SendMessage"));
    expect(await may("sqs:SendMessage")).toBe(false);
    await clock.advance(10_000);
    expect(await may("sqs:SendMessage")).toBe(true);

    policies.set("own", allow("sqs:ReceiveMessage"));
    expect([await may("sqs:SendMessage"), await may("sqs:ReceiveMessage")]).toEqual([true, false]);
    await clock.advance(10_000);
    expect([await may("sqs:SendMessage"), await may("sqs:ReceiveMessage")]).toEqual([false, true]);
  });

  it("ends at once when it is deleted", async () => {
    const { clock, policies, may } = roleWith(10_000);
    policies.set("own", allow("sqs:SendMessage"));
    await clock.advance(10_000);
    policies.delete("own");

    expect(await may("sqs:SendMessage")).toBe(false);
  });
});

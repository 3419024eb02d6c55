import { describe, expect, it } from "vitest";
import { forAnotherTry, isClean } from "../../smoke/account/another-try.ts";
import { type Journal, newJournal, type StageResult } from "../../smoke/journal.ts";
import { STAGES } from "../../smoke/stages/stages.ts";

const OWN = { account: "123456789012", region: "eu-west-1", prefix: "gha-smoke", repository: "my-org/scratch" };
const ASKED = { ...OWN, again: "clean", memoryMib: undefined } as const;

/** Of a run in which these stages ended in this, and all others passed. */
function journalOf(others: Readonly<Record<string, StageResult["status"]>> = {}): Journal {
  const journal = newJournal({ ...OWN, world: "account", memoryMib: 4_096, now: new Date(0) });
  for (const { name } of STAGES) {
    journal.stages[name] = { status: others[name] ?? "passed", problems: [], seconds: 1 };
  }
  return journal;
}

describe("another try", () => {
  it("is made of what could not be taken away, and of the look at what is left", () => {
    const failed = journalOf({ jobs: "failed", times: "left out", destroy: "failed", "role removed": "failed" });
    const again = forAnotherTry(failed, ASKED);
    const names = STAGES.map(({ name }) => name);
    const gone = names.filter((name) => again?.stages[name] === undefined);
    expect(gone).toEqual(["destroy", "leftovers", "role removed"]);
    expect(again?.stages.jobs?.status).toBe("failed");
    // The report of the first try has what went wrong.
    expect(failed.stages.destroy?.status).toBe("failed");
  });

  it("goes on where a run was killed", () => {
    const killed = journalOf();
    const { account, apply } = killed.stages;
    if (account === undefined || apply === undefined) throw new Error("there are no such stages");
    killed.stages = { account, apply };
    expect(forAnotherTry(killed, { ...ASKED, again: "resume" })).toEqual(killed);
    expect(forAnotherTry(killed, { ...ASKED, memoryMib: 4_096 })).toEqual(killed);
  });

  it.each([
    [{ account: "210987654321" }, "in account 123456789012, eu-west-1"],
    [{ region: "us-east-1" }, "in account 123456789012, eu-west-1"],
    [{ repository: "my-org/shop" }, "for --repository my-org/scratch"],
    [{ memoryMib: 512 }, "with --memory-mib 4096"],
    [{ again: undefined }, "a run of gha-smoke was interrupted"],
  ] as const)("is refused with %j", (change, message) => {
    expect(() => forAnotherTry(journalOf(), { ...ASKED, ...change })).toThrow(message);
  });

  it("needs a first one", () => {
    expect(() => forAnotherTry(undefined, ASKED)).toThrow("no interrupted run of gha-smoke");
    expect(forAnotherTry(undefined, { ...ASKED, again: undefined })).toBeUndefined();
  });
});

describe("a run", () => {
  it("is clean once all is taken away, whatever else went wrong", () => {
    expect(isClean(journalOf({ jobs: "failed", "no MicroVM left": "failed" }))).toBe(true);
    for (const name of ["destroy", "leftovers", "repository as it was", "role removed"]) {
      expect(isClean(journalOf({ [name]: "failed" })), name).toBe(false);
    }
  });
});

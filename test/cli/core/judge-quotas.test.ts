import { describe, expect, it } from "vitest";
import { judgeQuotas, type QuotaViews } from "../../../cli/core/judge-quotas.ts";

const known = (change: Partial<QuotaViews> = {}): QuotaViews => ({
  functions: { value: 1_000 },
  memory: { value: 400 },
  launches: { value: 5 },
  sizeMib: { value: 8_192 },
  maxConcurrency: 20,
  region: "eu-west-1",
  ...change,
});
const texts = (change?: Partial<QuotaViews>) => judgeQuotas(known(change)).map(({ outcome, text }) => [outcome, text]);

describe("quotas", () => {
  it("say how many jobs at once and an hour they allow, with memory counted four times", () => {
    expect(texts()).toEqual([
      ["pass", "400 GB: 12 jobs at once with 8192 MiB each, counted at four times the size; max_concurrency is 20"],
      ["pass", "5 a second; 144 jobs of 5 minutes an hour, as the memory allows"],
      ["pass", "1000 at once"],
    ]);
  });

  it("say that launches are what binds where they are", () => {
    const [, launches] = texts({ memory: { value: 40_000 }, launches: { value: 1 }, sizeMib: { value: 512 } });
    expect(launches).toEqual(["pass", "1 a second; 3600 jobs of 5 minutes an hour, as launches allow"]);
  });

  it("fail where not even one MicroVM fits, with the size that does", () => {
    const [memory] = judgeQuotas(known({ memory: { value: 8 }, maxConcurrency: 0 }));
    expect(memory).toMatchObject({ outcome: "fail", text: expect.stringContaining("8 GB are less than one MicroVM") });
    expect(memory?.fix).toMatch(/runner_memory_mib.*--quota-code L-CD1C0CC4 --desired-value 32 --region eu-west-1$/);
    expect(texts({ memory: { value: 8 }, sizeMib: { value: 2_048 }, maxConcurrency: 0 })[0]).toEqual([
      "pass",
      "8 GB: 1 job at once with 2048 MiB each, counted at four times the size; max_concurrency is not set",
    ]);
  });

  it("warn of the few functions of a new account", () => {
    const [, , functions] = judgeQuotas(known({ functions: { value: 10 } }));
    expect(functions).toMatchObject({ outcome: "skip", fix: expect.stringContaining("L-B99A9384") });
  });

  it("are skipped with the reason where they may not be read, and launches speak without the memory", () => {
    const skip = { skip: "refused" };
    expect(texts({ functions: skip, memory: skip, launches: skip })).toEqual(Array(3).fill(["skip", "refused"]));
    expect(texts({ memory: skip })[1]).toEqual(["pass", "5 a second: 18000 jobs an hour at most"]);
    expect(texts({ sizeMib: skip })[0]).toEqual(["skip", "refused"]);
  });
});

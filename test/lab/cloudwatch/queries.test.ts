import { beforeAll, describe, expect, it } from "vitest";
import { baselineUsd } from "../../../contract/baseline.ts";
import { launchPriceOf, SECONDS_BEFORE_RUN, snapshotReadUsd } from "../../../contract/launch-cost.ts";
import { costBy, dollarColumns, SAVED_QUERIES, timesBy } from "../../../contract/queries.ts";
import { runQuery } from "../../../lab/cloudwatch/run-query.ts";
import { type PlayedDrill, playDrill } from "../../../lab/drills/play-drill.ts";
import { FORKS_JOB, SIMULATED_DAY } from "../../../lab/drills/simulated-day.ts";
import prices from "../../../microvm/prices.json" with { type: "json" };

const PREFIX = "gha-microvm";
const MEMORY_MIB = 8_192;
const price = launchPriceOf(prices, "us-east-1");
const dollars = dollarColumns(price);

let played: PlayedDrill;
beforeAll(async () => {
  played = await playDrill(SIMULATED_DAY, PREFIX);
}, 60_000);

const linesOf = (log: string) => played.recording.linesWith(`/aws/lambda/${PREFIX}-${log}`, "{");
const ask = (lines: readonly string[], log = "dispatcher") => runQuery(lines.join("\n| "), linesOf(log));

describe("the saved queries on a simulated day", () => {
  it("each find rows, with a price and without", () => {
    const found = SAVED_QUERIES.map(({ name, log, lines }) => [
      name,
      ask(lines(dollars), log).length > 0,
      ask(lines(""), log).length > 0,
    ]);
    expect(found).toEqual(SAVED_QUERIES.map(({ name }) => [name, true, true]));
  });

  it("tell of the fork, the dead MicroVMs, the failed delivery and the wait", () => {
    const rows = (name: string) =>
      SAVED_QUERIES.filter((each) => each.name === name).flatMap(({ log, lines }) => ask(lines(""), log));
    expect(rows("refused jobs")).toEqual([{ repo: "acme/shop", reason: "fork", jobs: 1 }]);
    expect(rows("wasted launches").map(({ outcome }) => outcome)).toEqual(["died"]);
    expect(rows("failed deliveries")).toMatchObject([{ statusCode: 0, deliveries: 1 }]);
    expect(rows("why jobs wait")).toContainEqual(expect.objectContaining({ reason: "capacity" }));
    expect([...played.waits].filter(([, wait]) => wait === undefined)).toEqual([[FORKS_JOB, undefined]]);
  });

  it("sum to the cent what the pages of a repository's MicroVMs would say, with or without a page", () => {
    const rows = ask(costBy(["repo"], dollars));
    expect(rows.map(({ repo }) => repo).sort()).toEqual(["acme/shop", "acme/site"]);
    for (const { repo, launches, ...row } of rows) {
      const lives = played.microvms.filter(({ repository }) => repository === repo).map(secondsOf);
      const usd = (seconds: number) => baselineUsd(price?.baseline ?? { vcpu: 0, gigabyte: 0 }, MEMORY_MIB, seconds);
      const pages = lives.reduce((sum, seconds) => sum + usd(Math.max(0, seconds - SECONDS_BEFORE_RUN)), 0);
      const starts = lives.reduce((sum, seconds) => sum + usd(Math.min(seconds, SECONDS_BEFORE_RUN)), 0);
      expect(launches).toBe(lives.length);
      expect(Number(row.dollars)).toBeCloseTo(pages, 2);
      expect(Number(row.startDollars)).toBeCloseTo(
        starts + lives.length * snapshotReadUsd(price ?? { snapshotRead: undefined }),
        2,
      );
      expect(pages).toBeGreaterThan(1);
    }
  });

  it("have no dollars where there is no price, and no snapshot read where that has none", () => {
    expect(Object.keys(ask(costBy(["repo"], ""))[0] ?? {})).toEqual(["repo", "launches", "minutes"]);
    const [with_, without] = ["us-east-1", "us-east-2"].map((region) =>
      ask(costBy(["class"], dollarColumns(launchPriceOf(prices, region)))).at(-1),
    );
    expect(Number(without?.startDollars)).toBeLessThan(Number(with_?.startDollars));
    expect(without?.dollars).toBe(with_?.dollars);
  });

  it("tell the classes apart, and count each job that ran once, from when it was queued", () => {
    const rows = ask(timesBy(["class"]));
    expect(rows.map((row) => row.class)).toEqual(["default", "large"]);
    expect(rows.reduce((sum, { jobs }) => sum + Number(jobs), 0)).toBe(played.waits.size - 1);
    for (const { startP50 } of rows) expect(Number(startP50)).toBeGreaterThanOrEqual(15);
  });
});

/** From its launch to its end, which the service tells of when it has torn it down, some seconds later. */
function secondsOf({ startedAt, terminatedAt }: PlayedDrill["microvms"][number]): number {
  if (terminatedAt === undefined) throw new Error("a MicroVM of the day still runs");
  return (terminatedAt.getTime() - startedAt.getTime()) / 1_000 - 3;
}

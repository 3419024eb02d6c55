import { beforeAll, describe, expect, it } from "vitest";
import { costBy, timesBy, usdPerMibSecond } from "../../../contract/queries.ts";
import { runQuery } from "../../../lab/cloudwatch/run-query.ts";
import { type PlayedDrill, playDrill } from "../../../lab/drills/play-drill.ts";
import prices from "../../../microvm/prices.json" with { type: "json" };

const PREFIX = "gha-microvm";
const price = prices.usdPerSecond["us-east-1"];

let played: PlayedDrill;
beforeAll(async () => {
  const dies = { bootSeconds: 20, jobSeconds: 240, diesAfterSeconds: 10 };
  played = await playDrill(
    {
      ...{ name: "day", says: "a day with a little of everything", hours: 4, hour: 9, alarms: {} },
      options: ({ isOn }) => ({
        maxConcurrency: 1,
        fateOfMicrovm: ({ startedAt, input }) =>
          isOn(startedAt) && input.clientToken.endsWith("5-1") ? dies : { bootSeconds: 20, jobSeconds: 240 },
        fateOfDelivery: ({ action, job }) =>
          action === "queued" && job.id === 1_010 ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 },
      }),
    },
    PREFIX,
  );
});

const linesOf = (log: string) => played.recording.linesWith(`/aws/lambda/${PREFIX}-${log}`, "{");
const ask = (lines: readonly string[], log = "dispatcher") => runQuery(lines.join("\n| "), linesOf(log));

describe("the questions to the log", () => {
  it("sum to the cent what each MicroVM's own page says", () => {
    const rows = ask(costBy(["repo", "workflow", "class"], price));
    expect(rows.map(({ repo, workflow, class: name }) => `${repo} ${workflow} ${name}`).sort()).toEqual([
      "acme/shop build default",
      "acme/site deploy default",
    ]);
    for (const { repo, dollars, launches } of rows) {
      const own = linesOf("dispatcher").filter(({ line }) => line.event === "launch.ended" && line.repo === repo);
      const sum = own.reduce((all, { line }) => all + Number(line.seconds) * 8_192 * usdPerMibSecond(price), 0);
      expect(launches).toBe(own.length);
      expect(Number(dollars).toFixed(4)).toBe(sum.toFixed(4));
    }
  });

  it("have no dollars where there is no price", () => {
    expect(ask(costBy(["repo"], undefined)).map((row) => Object.keys(row).sort())).toEqual([
      ["launches", "minutes", "repo"],
      ["launches", "minutes", "repo"],
    ]);
  });

  it("count each job that ran once, from when it was queued", () => {
    const [all] = ask(timesBy(["class"]));
    expect(all).toMatchObject({ class: "default", jobs: played.waits.size });
    expect(Number(all?.startP50)).toBeGreaterThanOrEqual(20);
    expect(Number(all?.runMinutes)).toBeCloseTo(played.waits.size * 4, 0);
  });
});

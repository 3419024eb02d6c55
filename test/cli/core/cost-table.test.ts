import { describe, expect, it } from "vitest";
import { costRows, printCost } from "../../../cli/core/cost-table.ts";

const cost = [
  { repo: "acme/site", workflow: "deploy", class: "default", launches: "2", minutes: "4.5" },
  {
    repo: "acme/shop",
    workflow: "build",
    class: "default",
    launches: "12",
    minutes: "61.5",
    dollars: "1.234",
    startDollars: "0.129",
  },
];
const times = [
  {
    repo: "acme/shop",
    workflow: "build",
    class: "default",
    jobs: "10",
    startP50: "21",
    startP90: "44.6",
    runMinutes: "50",
  },
];

describe("what MicroVMs cost", () => {
  it("stands beside how long jobs took, the longest first", () => {
    expect(printCost(costRows(cost, times), true).split("\n")).toEqual([
      "Repository  Workflow  Class    Jobs  p50 s  p90 s  Min  MicroVMs  Min  At least $  Start $",
      "acme/shop   build     default    10     21     45   50        12   62        1.23     0.13",
      "acme/site   deploy    default     0      -      -    0         2    5           -        -",
    ]);
  });

  it("has no dollars where there is no price, and says when there is nothing", () => {
    expect(printCost(costRows(cost, times), false)).not.toContain("$");
    expect(printCost([], true)).toBe("no MicroVM has ended in that time");
  });
});

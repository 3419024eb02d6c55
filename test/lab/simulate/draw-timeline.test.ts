import { describe, expect, it } from "vitest";
import { drawTimeline } from "../../../lab/simulate/draw-timeline.ts";

const steps = [
  { name: "job queued", at: 1_000 },
  { name: 'runner <"online">', at: 2_500 },
  { name: "never came", at: undefined },
  { name: "job completed", at: 5_000 },
];

describe("drawTimeline", () => {
  const svg = drawTimeline("A & B", steps);

  it("draws each step that happened at its time, and no other", () => {
    expect([...svg.matchAll(/class="time">([^<]+)</g)].map(([, time]) => time)).toEqual(["0.00 s", "1.50 s", "4.00 s"]);
    expect(svg).not.toContain("never came");
  });

  it("writes text as XML", () => {
    expect(svg).toContain("A &amp; B");
    expect(svg).toContain("runner &lt;&quot;online&quot;&gt;");
  });

  it("draws a job of which nothing is known", () => {
    expect(drawTimeline("none", [])).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });
});

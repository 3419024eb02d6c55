import { describe, expect, it } from "vitest";
import { dockerPauseMs, frontEndFor } from "../../../../microvm/supervisor/core/docker-start.ts";

describe("dockerPauseMs", () => {
  it("grows to three seconds and stays there", () => {
    expect([1, 2, 3, 4, 5, 40].map(dockerPauseMs)).toEqual([500, 1_000, 2_000, 3_000, 3_000, 3_000]);
  });
});

describe("frontEndFor", () => {
  const name = (frontEnds: [string, boolean][]) =>
    [1, 2, 3].map((start) =>
      frontEndFor(
        start,
        frontEnds.map(([name, answers]) => ({ name, answers })),
      ),
    );

  it("takes those that answered in turn, and all of them where none did", () => {
    expect(
      name([
        ["iptables", false],
        ["iptables-legacy", true],
      ]),
    ).toEqual(Array(3).fill("iptables-legacy"));
    expect(
      name([
        ["iptables", true],
        ["iptables-legacy", true],
      ]),
    ).toEqual(["iptables", "iptables-legacy", "iptables"]);
    expect(
      name([
        ["iptables", false],
        ["iptables-legacy", false],
      ]),
    ).toEqual(["iptables", "iptables-legacy", "iptables"]);
    expect(name([])).toEqual(Array(3).fill("iptables"));
  });
});

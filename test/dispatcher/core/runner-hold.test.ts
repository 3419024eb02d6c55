import { describe, expect, it } from "vitest";
import {
  admitHeld,
  isHolding,
  NO_HOLD,
  noteRefused,
  noteServed,
  noteVersion,
  PROBE_MS,
} from "../../../dispatcher/core/runner-hold.ts";

const once = noteRefused(NO_HOLD, { imageVersion: "3.0", launchId: "1-1", known: false }, 1_000);
const twice = noteRefused(once, { imageVersion: "3.0", launchId: "2-1", known: false }, 2_000);

describe("launches while GitHub refuses the image's runner", () => {
  it("are held once two were refused, and not for one", () => {
    expect(isHolding(NO_HOLD)).toBe(false);
    expect(isHolding(once)).toBe(false);
    expect(isHolding(noteRefused(once, { imageVersion: "3.0", launchId: "1-1", known: false }, 2_000))).toBe(false);
    expect(isHolding(twice)).toBe(true);
  });

  it("are held at once where GitHub's own date is past", () => {
    expect(isHolding(noteRefused(NO_HOLD, { imageVersion: "3.0", launchId: "1-1", known: true }, 1_000))).toBe(true);
  });

  it("are counted anew for another version", () => {
    const other = noteRefused(twice, { imageVersion: "4.0", launchId: "3-1", known: false }, 3_000);
    expect(other).toEqual({ imageVersion: "4.0", launchIds: ["3-1"], known: false, refusedMs: 3_000, probedMs: 3_000 });
  });

  it("are let through one at a time, ten minutes after the hold began and after each that tried", () => {
    expect(admitHeld(once, 9_000)).toEqual({ admitted: true, hold: once });
    expect(admitHeld(twice, 2_000 + PROBE_MS - 1).admitted).toBe(false);
    const { admitted, hold } = admitHeld(twice, 2_000 + PROBE_MS);
    expect({ admitted, holds: isHolding(hold) }).toEqual({ admitted: true, holds: true });
    expect(admitHeld(hold, 2_000 + PROBE_MS + 1).admitted).toBe(false);
    const refused = noteRefused(
      hold,
      { imageVersion: "3.0", launchId: "4-1", known: false },
      2_000 + PROBE_MS + 60_000,
    );
    expect(refused.probedMs).toBe(2_000 + PROBE_MS);
    expect(refused.launchIds).toEqual(["2-1", "4-1"]);
  });

  it("go on with a MicroVM of another version, and with a runner that was given a job", () => {
    expect(noteVersion(twice, "4.0")).toBe(NO_HOLD);
    expect(noteVersion(twice, "3.0")).toBe(twice);
    expect(noteVersion(NO_HOLD, "3.0")).toBe(NO_HOLD);
    expect(noteServed(twice, "3.0")).toBe(NO_HOLD);
    expect(noteServed(twice, "2.0")).toBe(twice);
  });
});

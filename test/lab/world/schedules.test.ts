import { expect, it } from "vitest";
import { play, type Schedule } from "../../../lab/world/schedules.ts";
import { keepsPromises } from "../../support/keeps-promises.ts";

it("keeps every promise in 60 random schedules", async () => {
  expect(await keepsPromises({ seed: 7, schedules: 60 })).toBe("every promise kept");
});

/**
 * The record of a launch fails, its runner serves another job, and RunMicrovm is refused when it is asked for the id
 * again.
 */
const UNKNOWN_MICROVM: Schedule = {
  seed: 0,
  jobs: [
    {
      at: 0,
      repository: 2,
      bootSeconds: 5,
      jobSeconds: 1,
      diesAfterSeconds: 0,
      deaths: 1,
      mute: true,
      isFork: false,
      deliveries: [16, 0, "lost"],
    },
    {
      at: 0,
      repository: 0,
      bootSeconds: 5,
      jobSeconds: 1,
      deaths: 1,
      mute: false,
      isFork: false,
      cancelledAfter: 0,
      deliveries: ["lost", 0, "twice"],
    },
    {
      at: 59,
      repository: 2,
      bootSeconds: 5,
      jobSeconds: 1,
      deaths: 1,
      mute: false,
      isFork: false,
      cancelledAfter: 92,
      deliveries: [3, 0, "twice"],
    },
    {
      at: 138,
      repository: 0,
      bootSeconds: 5,
      jobSeconds: 3400,
      deaths: 1,
      mute: false,
      isFork: false,
      deliveries: [13, 0, 0],
    },
    {
      at: 101,
      repository: 1,
      bootSeconds: 49,
      jobSeconds: 1,
      deaths: 1,
      mute: false,
      isFork: false,
      cancelledAfter: 56,
      deliveries: [7, 0, 0],
    },
    {
      at: 101,
      repository: 0,
      bootSeconds: 5,
      jobSeconds: 1,
      deaths: 1,
      mute: false,
      isFork: false,
      deliveries: ["lost", "lost", 0],
    },
  ],
  faults: [
    { call: 130, fault: "error" },
    { call: 65, fault: "duplicate" },
  ],
  events: [{ kind: "launch refused", from: 152, seconds: 270 }],
  maxConcurrency: 0,
  maxConcurrencyPerRepository: 1,
  perSecond: 1,
  organizationRunners: true,
  smallAccount: false,
  skewSeconds: 0,
};

it("ends a MicroVM within 300 s of the refusal that hid its id", async () => {
  const { broken } = await play(UNKNOWN_MICROVM);
  expect(broken).toEqual([]);
});

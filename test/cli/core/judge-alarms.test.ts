import { describe, expect, it } from "vitest";
import { type AlarmView, judgeAlarms, judgeTold } from "../../../cli/core/judge-alarms.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";
const alarm: AlarmView = {
  name: "denied",
  description: "It is. First: do this. More: there.",
  state: "OK",
  actions: [TOPIC],
};
const told = (topic: Parameters<typeof judgeTold>[1] extends ReadonlyMap<string, infer T> ? T : never) =>
  judgeTold({ value: [alarm] }, new Map([[TOPIC, topic]]));

describe("whoever is told of alarms", () => {
  it("is somebody who has confirmed a subscription", () => {
    expect(told({ value: true })).toMatchObject({ outcome: "pass", text: "1 alarm tells 1 action" });
    expect(told({ value: false })).toMatchObject({ outcome: "fail", fix: expect.stringContaining("sns subscribe") });
  });

  it("is nobody where no alarm has an action, or there are no alarms", () => {
    expect(judgeTold({ value: [{ ...alarm, actions: [] }] }, new Map()).outcome).toBe("fail");
    expect(judgeTold({ value: [] }, new Map()).outcome).toBe("fail");
  });

  it("cannot be told where the topic may not be read, and an action that is no topic is taken as it is", () => {
    expect(told({ skip: "no right" })).toMatchObject({ outcome: "skip", text: "no right" });
    expect(judgeTold({ value: [alarm] }, new Map()).outcome).toBe("pass");
  });
});

describe("alarms", () => {
  it("that are on are listed, each with its first step", () => {
    expect(judgeAlarms({ value: [alarm] })).toMatchObject({ outcome: "pass" });
    expect(judgeAlarms({ value: [{ ...alarm, state: "ALARM" }] })).toMatchObject({
      ...{ outcome: "fail", text: "denied", fix: "denied: do this" },
    });
    expect(judgeAlarms({ value: [{ ...alarm, state: "INSUFFICIENT_DATA" }] }).outcome).toBe("pass");
  });

  it("that cannot be read are skipped", () => {
    expect(judgeAlarms({ skip: "no right" }).outcome).toBe("skip");
  });
});

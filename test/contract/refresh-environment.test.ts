import * as v from "valibot";
import { expect, it } from "vitest";
import { refreshEnvironment } from "../../contract/refresh-environment.ts";

const environment = {
  IMAGE_ARN: "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner",
  TABLE_NAME: "jobs",
  CODE_BUCKET: "artifacts",
  MODE: "auto",
  SOAK_DAYS: "3",
  MAX_AGE_DAYS: "0",
};

it("the refresh function may build at any hour, whichever runner, unless its environment says otherwise", () => {
  expect(v.parse(refreshEnvironment, environment)).toEqual({
    ...environment,
    ...{ IMAGE_VERSION: "", CLASSES_PARAM: "", SOAK_DAYS: 3, MAX_AGE_DAYS: 0, HOURS_UTC: [], SKIP_RUNNERS: [] },
  });
  const limited = { ...environment, HOURS_UTC: "0,23", SKIP_RUNNERS: "2.336.0" };
  expect(v.parse(refreshEnvironment, limited)).toMatchObject({ HOURS_UTC: [0, 23], SKIP_RUNNERS: ["2.336.0"] });
});

it.each([{ MODE: "" }, { HOURS_UTC: "24" }, { SOAK_DAYS: "-1" }, { MAX_AGE_DAYS: "" }, { CODE_BUCKET: "" }])(
  "the refresh function does not start with %o",
  (change) => {
    expect(v.is(refreshEnvironment, { ...environment, ...change })).toBe(false);
  },
);

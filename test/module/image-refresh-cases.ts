import type { ValidationCase } from "./validation-case.ts";

const refresh = (...values: Record<string, unknown>[]) => values.map((image_refresh) => ({ image_refresh }));

/** Rules about how the image is built again by itself. */
export const IMAGE_REFRESH_CASES: ValidationCase[] = [
  {
    what: "a way to refresh the image that there is not",
    message: 'image_refresh.mode must be "auto"',
    bad: refresh({ mode: "off" }, { mode: "" }),
    good: refresh({ mode: "watch" }, { mode: "auto" }, {}),
  },
  {
    what: "a release that is looked at for longer than GitHub waits",
    message: "image_refresh.soak_days must be a whole number of days from 0 to 7",
    bad: refresh({ soak_days: -1 }, { soak_days: 8 }, { soak_days: 1.5 }),
    good: refresh({ soak_days: 0 }, { soak_days: 7 }),
  },
  {
    what: "an age at which every day would be one of a build, or none",
    message: "image_refresh.max_age_days must be a whole number of days from 7 to 180, or 0",
    bad: refresh({ max_age_days: 6 }, { max_age_days: 181 }, { max_age_days: 30.5 }),
    good: refresh({ max_age_days: 0 }, { max_age_days: 7 }, { max_age_days: 180 }),
  },
  {
    what: "hours that no day has",
    message: "image_refresh.hours_utc must hold hours of the day",
    bad: refresh({ hours_utc: [24] }, { hours_utc: [2, 2] }, { hours_utc: [0.5] }),
    good: refresh({ hours_utc: [0, 23] }, { hours_utc: [] }),
  },
  {
    what: "a runner to skip that is no release",
    message: "image_refresh.skip_runners must hold versions of actions/runner",
    bad: refresh({ skip_runners: ["v2.338.0"] }, { skip_runners: ["latest"] }),
    good: refresh({ skip_runners: ["2.338.0", "2.320.1"] }),
  },
];

import { LIMITS } from "../../contract/limits.ts";
import { and, call, equal, or, ref } from "../hcl/build.ts";
import type { Input } from "./input.ts";
import { every, matches, rule, wholeNumberWithin } from "./rules.ts";

const memberOf = (name: string) => ref(`var.image_refresh.${name}`);
const { runnerSoakDays, imageMaxAgeDays, hourUtc } = LIMITS;
const HOURS = memberOf("hours_utc");

/** Whether and how the image is built again by itself. */
export const imageRefresh: Input = {
  name: "image_refresh",
  type: call("object", {
    mode: call("optional", ref("string"), "auto"),
    soak_days: call("optional", ref("number"), 3),
    max_age_days: call("optional", ref("number"), 60),
    hours_utc: call("optional", call("list", ref("number")), []),
    skip_runners: call("optional", call("list", ref("string")), []),
  }),
  description: [
    "How the image is built again by itself, so that GitHub goes on giving jobs to its runner.",
    "mode: auto builds; watch only tells what is due, and has no right to build.",
    "image_version, runner_version and a dockerfile that does not name runner.env make it a watch.",
    "soak_days: how long a release of the runner is seen before it is taken.",
    "max_age_days: after so many days the image is built again with newer packages; 0: never for age alone.",
    "hours_utc: hours of the day, in UTC, in which nothing urgent may be built; empty: any.",
    "skip_runners: releases that are never taken.",
  ].join(" "),
  default: {},
  validations: [
    rule(
      call("contains", ["auto", "watch"], memberOf("mode")),
      'image_refresh.mode must be "auto", to build the image again by itself, or "watch", to be told only.',
    ),
    rule(
      wholeNumberWithin(memberOf("soak_days"), runnerSoakDays),
      `image_refresh.soak_days must be a whole number of days ${runnerSoakDays}: GitHub wants each release taken within 30.`,
    ),
    rule(
      or(equal(memberOf("max_age_days"), 0), wholeNumberWithin(memberOf("max_age_days"), imageMaxAgeDays)),
      `image_refresh.max_age_days must be a whole number of days ${imageMaxAgeDays}, or 0 to build for no age alone.`,
    ),
    rule(
      and(
        every(HOURS, "hour", (hour) => wholeNumberWithin(hour, hourUtc)),
        equal(call("length", call("distinct", HOURS)), call("length", HOURS)),
      ),
      `image_refresh.hours_utc must hold hours of the day, each once and each a whole number ${hourUtc}, such as [2, 3, 4]; leave it empty for any.`,
    ),
    rule(
      every(memberOf("skip_runners"), "runner", (runner) => matches(runner, String.raw`^2\.[0-9]{3}\.[0-9]{1,3}$`)),
      'image_refresh.skip_runners must hold versions of actions/runner without the v, such as "2.338.0".',
    ),
  ],
};

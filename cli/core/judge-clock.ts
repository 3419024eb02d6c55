import { type Finding, judge, type Known } from "./finding.ts";

/** GitHub refuses an App's token that is dated further ahead (REST API, generating a JWT: date it back by 60 s). */
const MAX_SKEW_SECONDS = 60;

/** Holds this machine's clock against the `Date` that a server answered with. */
export function judgeClock(check: string, server: string, aheadSeconds: Known<number>): Finding {
  return judge(check, `Clock and ${server}`, aheadSeconds, (ahead) => {
    const seconds = Math.round(Math.abs(ahead));
    if (seconds <= MAX_SKEW_SECONDS) return { pass: `${seconds} s apart` };
    return {
      fail: `this machine's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} ${server}'s`,
      fix: "set this machine's clock, best by NTP (timedatectl set-ntp true); nothing in AWS uses it, but signatures made here do",
    };
  });
}

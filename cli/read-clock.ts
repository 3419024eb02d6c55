import type { Known } from "./core/finding.ts";

/**
 * By how many seconds this machine's clock is ahead of a server's; any answer, a refusal too, has the server's time.
 */
export async function readClock(url: string, now: () => Date): Promise<Known<number>> {
  const before = now().getTime();
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    const server = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(server)) return { skip: "the answer has no date" };
    // The header has whole seconds: the middle of its second, and of the time that the call took.
    return { value: ((before + now().getTime()) / 2 - (server + 500)) / 1_000 };
  } catch {
    return { fail: `no answer from ${new URL(url).host}`, fix: "check this machine's network, proxy and DNS" };
  }
}

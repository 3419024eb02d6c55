import { afterEach, describe, expect, it } from "vitest";
import { deliveryHeaders } from "../../lab/world/services/function-url-event.ts";
import { eventually } from "../support/eventually.ts";
import { applyWithKeyIn, expectKeyToServe, inParameter, inSecret, type KeyPlace } from "./app-key-places.ts";
import { type AppliedLab, applyLab, untilSettled } from "./applied-lab.ts";

let lab: AppliedLab | undefined;
afterEach(async () => {
  await lab?.stop();
  lab = undefined;
});

const PLACES: [string, KeyPlace][] = [
  ["an SSM parameter under a customer's key", inParameter],
  ["a secret of Secrets Manager", inSecret],
];

describe("the App's key", () => {
  it.each(PLACES)("in %s runs a job, is in no state, and may be replaced there", async (_, place) => {
    const { applied, kept } = await applyWithKeyIn(place);
    lab = applied;
    await expectKeyToServe(applied, kept);

    const { privateKey } = await applied.github.addAppKey(applied.github.app);
    kept.replace?.(privateKey);
    applied.github.app.publicKeys.splice(0, 1);
    // In a repository for which no token is kept: the App has to show its key.
    const next = applied.queueJob({ repository: "my-org/site" });
    await untilSettled(applied, next);
    expect(next.conclusion).toBe("success");
  });
});

const generation = (value: number) => `module "gha_runner" {\n  webhook_secret_generation = ${value}\n}\n`;

async function applyAgain(applied: AppliedLab, override: string): Promise<string> {
  await applied.terraform.write({ "keys_override.tf": override });
  await applied.terraform.apply();
  return String((await applied.terraform.outputs()).webhook_secret?.value);
}

describe("the webhook's secret", () => {
  it("is rotated without a delivery lost, and retired by the next raise", async () => {
    const applied = await applyLab();
    lab = applied;
    const first = applied.webhookSecret;
    const body = JSON.stringify({ zen: "ping" });
    const ping = async (secret: string) =>
      (await fetch(applied.url, { method: "POST", headers: deliveryHeaders(body, secret, "ping"), body })).status;
    const job = applied.queueJob({ durationMs: 20_000 });
    await eventually(() => expect(job.status).toBe("in_progress"));

    const second = await applyAgain(applied, generation(2));
    expect(second).not.toBe(first);
    expect([await ping(first), await ping(second)]).toEqual([200, 200]);
    await untilSettled(applied, job);
    // Its MicroVM was launched with a MAC under the first secret.
    const finishes = applied.aws.functions
      .output("gha-microvm-webhook")
      .filter((line) => line.includes('"finish.') && line.includes(`"${job.id}-1"`));
    expect(finishes.map((line) => JSON.parse(line).event)).toContain("finish.queued");
    expect(finishes.join("\n")).not.toContain("finish.rejected");
    const later = applied.queueJob();
    await untilSettled(applied, later);
    expect(later.conclusion).toBe("success");

    const third = await applyAgain(applied, generation(3));
    expect([await ping(first), await ping(second), await ping(third)]).toEqual([401, 200, 200]);
    const refused = applied.github.deliveries.all().filter(({ statusCode }) => statusCode === 401);
    expect(refused).toEqual([]);
    expect(await applied.terraform.hasChanges()).toBe(false);
  });
});

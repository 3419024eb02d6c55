import {
  GetMicrovmCommand,
  ListMicrovmsCommand,
  ResumeMicrovmCommand,
  SuspendMicrovmCommand,
  TerminateMicrovmCommand,
} from "@aws-sdk/client-lambda-microvms";
import { afterEach, describe, expect, it } from "vitest";
import type { AwsOptions } from "../../../../lab/aws/aws.ts";
import { eventually } from "../../../support/eventually.ts";
import { addRole } from "../support/apply.ts";
import { microvmsClient } from "../support/clients.ts";
import { buildImage, IMAGE_ARN, imageArguments } from "../support/image.ts";
import { manualClock } from "../support/manual-clock.ts";
import { type MicrovmLab, startMicrovmLab } from "../support/microvm-lab.ts";

let lab: MicrovmLab | undefined;
afterEach(async () => {
  await lab?.aws.stop();
  lab = undefined;
});

async function start(options: Partial<AwsOptions> = {}, image = {}): Promise<MicrovmLab> {
  const microvms = { rates: "off" as const, buildDelayMs: 0, bootDelayMs: 0, terminateDelayMs: 0, ...options.microvms };
  lab = await startMicrovmLab({ ...options, microvms });
  await buildImage(lab.aws, image);
  return lab;
}

const reached = ({ state }: MicrovmLab, id: string | undefined, wanted: string) =>
  eventually(() => expect(state(id)).toBe(wanted));

/** A lab whose time stands still; the build needs it to move. */
async function startWithClock(microvms: AwsOptions["microvms"] = {}) {
  const clock = manualClock();
  const options = { rates: "off" as const, buildDelayMs: 0, bootDelayMs: 0, terminateDelayMs: 0, ...microvms };
  lab = await startMicrovmLab({ clock, microvms: options });
  let built = false;
  const building = buildImage(lab.aws).then(() => {
    built = true;
  });
  while (!built) await clock.advance(1);
  await building;
  const settle = (id: string | undefined, wanted: string) =>
    eventually(async () => {
      await clock.advance(1);
      expect(lab?.state(id)).toBe(wanted);
    });
  return { lab, clock, settle };
}

describe("the run hook", () => {
  it("receives the payload as a string inside an envelope and makes the MicroVM RUNNING", async () => {
    const lab = await start();

    const { microvmId } = await lab.run({ runHookPayload: '{"a":1}' });
    await reached(lab, microvmId, "RUNNING");

    const call = lab.guests.calls.find(({ name }) => name === "run");
    expect(JSON.parse(call?.body ?? "")).toEqual({ microvmId, runHookPayload: '{"a":1}' });
  });

  it("is without the payload's key when there is no payload", async () => {
    const lab = await start();
    const { microvmId } = await lab.run();
    await reached(lab, microvmId, "RUNNING");
    expect(JSON.parse(lab.guests.calls.find(({ name }) => name === "run")?.body ?? "")).toEqual({ microvmId });
  });

  it("ends the MicroVM when it answers anything but 200", async () => {
    const lab = await start();
    lab.guests.answers.run = 500;

    const { microvmId } = await lab.run();
    await reached(lab, microvmId, "TERMINATED");

    const seen = await lab.client.send(new GetMicrovmCommand({ microvmIdentifier: microvmId }));
    expect(seen).toMatchObject({
      state: "TERMINATED",
      stateReason:
        "Run lifecycle hook returned HTTP status 500. Please check your hook endpoint and application logs for more details.",
    });
    expect(seen.terminatedAt).toBeInstanceOf(Date);
  });

  it("ends the MicroVM when nobody listens", async () => {
    const lab = await start();
    lab.guests.answers.run = "refuse";
    const { microvmId } = await lab.run();
    await reached(lab, microvmId, "TERMINATED");
    expect(lab.aws.microvms.machines()[0]?.stateReason).toContain("connection was refused");
  });

  it("ends the MicroVM when it answers too late", async () => {
    const { lab, clock, settle } = await startWithClock();
    lab.guests.answers.run = "never";
    const { microvmId } = await lab.run();
    await eventually(async () => {
      await clock.advance(1);
      expect(lab.guests.calls.some(({ name }) => name === "run")).toBe(true);
    });
    await clock.advance(9_000);
    expect(lab.state(microvmId)).toBe("PENDING");
    await clock.advance(1_100);
    await settle(microvmId, "TERMINATED");
    expect(lab.aws.microvms.machines()[0]?.stateReason).toBe("Run lifecycle hook timed out");
  });

  it("has one second unless the image says otherwise", async () => {
    const lab = await start();
    const hooks = {
      port: 9000,
      microvm_image_hooks: { ready: "ENABLED" },
      microvm_hooks: { run: "ENABLED" },
    };
    await buildImage(lab.aws, imageArguments({ name: "other", hooks }));
    expect(
      lab.aws.microvms.images.get(`${IMAGE_ARN.replace("runner", "other")}`).versions[0]?.config.hooks.run,
    ).toEqual({
      enabled: true,
      timeoutSeconds: 1,
    });
  });
});

describe("TerminateMicrovm", () => {
  it("calls the terminate hook with an empty id and ends with the reason Success.", async () => {
    const lab = await start();
    const { microvmId } = await lab.run();
    await reached(lab, microvmId, "RUNNING");

    await lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
    expect(lab.state(microvmId)).toMatch(/TERMINAT/);
    await reached(lab, microvmId, "TERMINATED");

    expect(JSON.parse(lab.guests.calls.find(({ name }) => name === "terminate")?.body ?? "")).toEqual({
      microvmId: "",
    });
    expect(lab.aws.microvms.machines()[0]?.stateReason).toBe("Success.");
    expect(lab.guests.killed).toContain(microvmId);
  });

  it("succeeds again on a MicroVM that is gone", async () => {
    const lab = await start();
    const { microvmId } = await lab.run();
    await lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
    await reached(lab, microvmId, "TERMINATED");
    await expect(lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }))).resolves.toBeDefined();
  });

  it("answers ResourceNotFoundException for an id that never was", async () => {
    const lab = await start();
    await expect(
      lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: "microvm-none" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException", $metadata: { httpStatusCode: 404 } });
  });

  it("is authorised on the image that the MicroVM was launched from", async () => {
    const lab = await start();
    const { microvmId } = await lab.run();
    await addRole(lab.aws, "stranger", [{ actions: ["lambda:TerminateMicrovm"], resources: [`${IMAGE_ARN}-other`] }]);
    await expect(
      microvmsClient(lab.aws, "stranger").send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId })),
    ).rejects.toThrow(`lambda:TerminateMicrovm on resource: ${IMAGE_ARN}`);
  });
});

describe("a MicroVM's life", () => {
  it("ends after the maximum duration", async () => {
    const { lab, clock, settle } = await startWithClock();
    const { microvmId } = await lab.run({ maximumDurationInSeconds: 60 });
    await settle(microvmId, "RUNNING");
    await clock.advance(58_000);
    expect(lab.state(microvmId)).toBe("RUNNING");
    await clock.advance(2_000);
    await settle(microvmId, "TERMINATED");
    expect(lab.aws.microvms.machines()[0]?.stateReason).toBe("MicroVM exceeded maximum lifetime.");
  });

  it("is eight hours long when nothing is said", async () => {
    const lab = await start();
    expect((await lab.run()).maximumDurationInSeconds).toBe(28_800);
  });

  it("goes to sleep under an idle policy, however busy it is, and then ends", async () => {
    const { lab, clock, settle } = await startWithClock();
    const idlePolicy = { maxIdleDurationSeconds: 60, suspendedDurationSeconds: 120, autoResumeEnabled: true };
    const { microvmId } = await lab.run({ idlePolicy });
    await settle(microvmId, "RUNNING");
    await clock.advance(60_000);
    await settle(microvmId, "SUSPENDED");
    await clock.advance(120_000);
    await settle(microvmId, "TERMINATED");
    expect(lab.aws.microvms.machines()[0]?.stateReason).toBe("MicroVM exceeded maximum lifetime.");
  });

  it("goes on when its main process exits", async () => {
    const lab = await start();
    const { microvmId } = await lab.run();
    await reached(lab, microvmId, "RUNNING");
    lab.guests.exit(microvmId ?? "", 0);
    await lab.aws.events.waitFor((event) => event.kind === "microvm.exited");
    expect(lab.state(microvmId)).toBe("RUNNING");
    expect(lab.aws.leftovers().microvms).toHaveLength(1);
  });

  it("shows PENDING again on the way from SUSPENDED to RUNNING", async () => {
    const lab = await start();
    const { microvmId } = await lab.run();
    await reached(lab, microvmId, "RUNNING");
    await lab.client.send(new SuspendMicrovmCommand({ microvmIdentifier: microvmId }));
    await reached(lab, microvmId, "SUSPENDED");
    await lab.client.send(new ResumeMicrovmCommand({ microvmIdentifier: microvmId }));
    await reached(lab, microvmId, "RUNNING");
    const states = lab.aws.microvms.machines()[0]?.history.map(({ state }) => state);
    expect(states).toEqual(["PENDING", "RUNNING", "SUSPENDING", "SUSPENDED", "PENDING", "RUNNING"]);
  });

  it("cannot be suspended once it has ended", async () => {
    const lab = await start();
    const { microvmId } = await lab.run();
    await lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
    await expect(lab.client.send(new SuspendMicrovmCommand({ microvmIdentifier: microvmId }))).rejects.toMatchObject({
      name: "ConflictException",
      $metadata: { httpStatusCode: 409 },
    });
  });

  it("stays readable and listed for a day after its end", async () => {
    const { lab, clock, settle } = await startWithClock();
    await addRole(lab.aws, "lister", [{ actions: ["lambda:ListMicrovms"], resources: ["*"] }]);
    const list = async () =>
      (await microvmsClient(lab.aws, "lister").send(new ListMicrovmsCommand({ imageIdentifier: IMAGE_ARN }))).items;
    const { microvmId } = await lab.run();
    await lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
    await settle(microvmId, "TERMINATED");
    expect(await list()).toMatchObject([{ microvmId, state: "TERMINATED" }]);

    await clock.advance(25 * 60 * 60 * 1_000);

    expect(await list()).toEqual([]);
    await expect(lab.client.send(new GetMicrovmCommand({ microvmIdentifier: microvmId }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("is seen late by GetMicrovm when the account is eventually consistent", async () => {
    const { lab, clock, settle } = await startWithClock({ getLagMs: 5_000 });
    const { microvmId } = await lab.run();
    await settle(microvmId, "RUNNING");
    const seen = async () => (await lab.client.send(new GetMicrovmCommand({ microvmIdentifier: microvmId }))).state;
    expect(await seen()).toBe("PENDING");
    await clock.advance(5_000);
    expect(await seen()).toBe("RUNNING");
  });
});

import type { FinishCall } from "../../contract/finish-call.ts";
import { decodeRunPayload, wrapJitConfig } from "../../contract/run-payload.ts";
import type { JobEvent, MemoryGitHub } from "./services/memory-github.ts";
import type { MemoryMicrovms, MicrovmInstance } from "./services/memory-microvms.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How one MicroVM and the job in it will go. */
export interface GuestFate {
  /** From the launch until its runner is online. */
  bootSeconds: number;
  /** It dies so long after its launch, whatever it is doing. */
  diesAfterSeconds?: number;
  /** Its finish call never arrives. */
  mute?: boolean;
  /** How long it runs a job that it is given. */
  jobSeconds: number;
}

export interface GuestWorld {
  time: VirtualTime;
  github: MemoryGitHub;
  microvms: MemoryMicrovms;
  /** The finish call, as it arrives at the function URL; false when it was not taken. */
  finish(call: FinishCall): Promise<boolean>;
}

/** A runner that is given no job in this time ends, as the supervisor has it. */
const NO_JOB_SECONDS = 300;
/** GitHub gives a job up whose runner is not heard of any more (GitHub, self-hosted runner reference). */
const LOST_RUNNER_SECONDS = 600;
const MAX_FINISH_TRIES = 6;

/** Plays what happens inside every MicroVM that is launched: boot, connect, one job at most, finish call. */
export function playGuests(world: GuestWorld, fateOf: (instance: MicrovmInstance) => GuestFate): void {
  const { time, github, microvms } = world;
  const onJob = new Map<number, (event: JobEvent) => void>();
  github.onEvent((event) => {
    if (event.job.runnerId !== null) onJob.get(event.job.runnerId)?.(event);
  });

  microvms.onLaunch((instance) => {
    const fate = fateOf(instance);
    const { microvmId, input } = instance;
    const payload = decodeRunPayload(input.runHookPayload);
    const isAlive = () => microvms.isAlive(microvmId);
    let runnerId: number | undefined;
    let jobId: number | undefined;
    let exited = false;

    const exit = (): void => {
      if (exited || !isAlive()) return;
      exited = true;
      if (runnerId !== undefined) github.disconnect(runnerId);
      if (!fate.mute) void callFinish(1);
    };
    const callFinish = async (count: number): Promise<void> => {
      if (!isAlive()) return;
      const { launchId, finish } = payload;
      if (await world.finish({ launchId, expiresAt: finish.expiresAt, mac: finish.mac })) return;
      if (count < MAX_FINISH_TRIES) time.after(5 * count, () => void callFinish(count + 1));
    };
    const lose = (): void => {
      if (runnerId === undefined) return;
      github.disconnect(runnerId);
      const lost = jobId;
      if (lost !== undefined) time.after(LOST_RUNNER_SECONDS, () => github.completeJob(lost, "failure"));
    };

    if (fate.diesAfterSeconds !== undefined) {
      time.after(fate.diesAfterSeconds, () => {
        if (!isAlive()) return;
        microvms.die(microvmId);
        lose();
      });
    }
    microvms.onEnd(microvmId, () => {
      if (!exited) lose();
      exited = true;
    });
    time.after(fate.bootSeconds, () => {
      if (!isAlive()) return;
      const connected = github.connect(wrapJitConfig(payload.jitConfig), (id) => {
        runnerId = id;
        onJob.set(id, (event) => {
          if (event.action === "in_progress") {
            jobId = event.job.id;
            time.after(fate.jobSeconds, () => {
              if (isAlive() && !exited) github.completeJob(event.job.id, "success");
            });
          } else if (event.action === "completed") {
            time.after(2, exit);
          }
        });
      });
      if (!connected) {
        time.after(1, exit);
        return;
      }
      time.after(NO_JOB_SECONDS, () => {
        if (jobId === undefined) exit();
      });
    });
  });
}

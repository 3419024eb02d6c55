import type { FinishCall } from "../../contract/finish-call.ts";
import { decodeRunPayload, wrapJitConfig } from "../../contract/run-payload.ts";
import type { Tally } from "./events.ts";
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
  /** GitHub refuses its runner, which then ends before any job; its version. */
  refused?: string;
  /** After its job something in it says that its runner was refused; the version that it names. */
  lies?: string;
  /** Its supervisor does nothing before the service ends it at its maximum duration. */
  hangs?: boolean;
}

export interface GuestWorld {
  time: VirtualTime;
  github: MemoryGitHub;
  microvms: MemoryMicrovms;
  tally: Tally;
  /** The finish call, as it arrives at the function URL; false when it was not taken. */
  finish(call: FinishCall): Promise<boolean>;
}

/** A runner that is given no job in this time ends, as the supervisor has it. */
const NO_JOB_SECONDS = 300;
/** How long before the MicroVM's maximum duration the supervisor ends its runner. */
const LIMIT_SECONDS = 60;
/** GitHub gives a job up whose runner is not heard of any more (GitHub, self-hosted runner reference). */
const LOST_RUNNER_SECONDS = 600;
const MAX_FINISH_TRIES = 6;

/** Plays what happens inside every MicroVM that is launched: boot, connect, one job at most, finish call. */
export function playGuests(world: GuestWorld, fateOf: (instance: MicrovmInstance) => GuestFate): void {
  const { github, microvms } = world;
  const onJob = new Map<number, (event: JobEvent) => void>();
  github.onEvent((event) => {
    if (event.job.runnerId !== null) onJob.get(event.job.runnerId)?.(event);
  });
  microvms.onLaunch((instance) => {
    const guest = new Guest(world, instance, fateOf(instance));
    guest.boot((runnerId) => onJob.set(runnerId, (event) => guest.onJobEvent(event)));
  });
}

class Guest {
  private readonly world: GuestWorld;
  private readonly instance: MicrovmInstance;
  private readonly fate: GuestFate;
  private runnerId: number | undefined;
  private jobId: number | undefined;
  private exited = false;

  constructor(world: GuestWorld, instance: MicrovmInstance, fate: GuestFate) {
    this.world = world;
    this.instance = instance;
    this.fate = fate;
  }

  boot(onConnected: (runnerId: number) => void): void {
    const { time, microvms } = this.world;
    const { microvmId, input } = this.instance;
    const { diesAfterSeconds, bootSeconds, hangs } = this.fate;
    if (diesAfterSeconds !== undefined) time.after(diesAfterSeconds, () => this.die());
    microvms.onEnd(microvmId, () => this.lose());
    if (!hangs) time.after(input.maxDurationSeconds - LIMIT_SECONDS, () => this.reachLimit());
    // The service tells nobody that a MicroVM has reached its maximum duration.
    time.after(input.maxDurationSeconds, () => this.lose());
    time.after(bootSeconds, () => this.connect(onConnected));
  }

  onJobEvent({ action, job }: JobEvent): void {
    const { time, github, tally } = this.world;
    if (action === "in_progress") {
      this.jobId = job.id;
      if (!this.instance.input.clientToken.includes(`-${job.id}-`)) tally.note("swap");
      time.after(this.fate.jobSeconds, () => {
        if (this.isAlive() && !this.exited) github.completeJob(job.id, "success");
      });
    } else if (action === "completed") {
      time.after(2, () => this.exit());
    }
  }

  private isAlive(): boolean {
    return this.world.microvms.isAlive(this.instance.microvmId);
  }

  private connect(onConnected: (runnerId: number) => void): void {
    if (!this.isAlive()) return;
    const { time, github } = this.world;
    if (this.fate.refused !== undefined) {
      // It shows at the first message: the runner was not seen online, and its registration stays.
      time.after(1, () => this.exit());
      return;
    }
    const { jitConfig } = decodeRunPayload(this.instance.input.runHookPayload);
    const connected = github.connect(wrapJitConfig(jitConfig), (id) => {
      this.runnerId = id;
      onConnected(id);
    });
    if (connected === false) {
      time.after(1, () => this.exit());
      return;
    }
    time.after(NO_JOB_SECONDS, () => {
      if (this.jobId === undefined) this.exit();
    });
  }

  private die(): void {
    if (!this.isAlive()) return;
    const { microvms, tally } = this.world;
    const { microvmId, input } = this.instance;
    if (!input.clientToken.endsWith("-1")) tally.note("successor death");
    tally.note(this.runnerId === undefined ? "boot death" : "job death");
    microvms.die(microvmId);
    this.lose();
  }

  // The supervisor ends its runner in time, whose job then ends as cancelled.
  private reachLimit(): void {
    if (!this.isAlive() || this.exited) return;
    if (this.jobId !== undefined) {
      this.world.tally.note("job too long");
      this.world.github.completeJob(this.jobId, "cancelled");
    }
    this.exit();
  }

  private exit(): void {
    if (this.exited || !this.isAlive()) return;
    this.exited = true;
    if (this.runnerId !== undefined) this.world.github.disconnect(this.runnerId);
    if (!this.fate.mute) void this.callFinish(1);
  }

  private async callFinish(count: number): Promise<void> {
    if (!this.isAlive()) return;
    const { launchId, finish } = decodeRunPayload(this.instance.input.runHookPayload);
    const runner = this.fate.refused ?? this.fate.lies;
    const hint = runner === undefined ? {} : { problem: "runner-refused" as const, runner };
    if (await this.world.finish({ launchId, expiresAt: finish.expiresAt, mac: finish.mac, ...hint })) return;
    if (count < MAX_FINISH_TRIES) this.world.time.after(5 * count, () => void this.callFinish(count + 1));
  }

  // The MicroVM is no more: its runner is not heard of again, and a job that it had is lost.
  private lose(): void {
    if (this.exited) return;
    this.exited = true;
    const { time, github } = this.world;
    if (this.runnerId === undefined) return;
    github.disconnect(this.runnerId);
    const lost = this.jobId;
    if (lost !== undefined) time.after(LOST_RUNNER_SECONDS, () => github.completeJob(lost, "failure"));
  }
}

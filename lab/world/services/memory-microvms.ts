import type { RunMicrovmInput } from "../../../dispatcher/core/job.ts";
import type { Microvm, MicrovmState } from "../../../dispatcher/core/views.ts";
import { ClientTokenReusedError, RefusedError, ThrottledError } from "../../../dispatcher/errors.ts";
import type { Clock, Microvms } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

/** What a caller may want to count. */
export type MicrovmsEvent = "token forgotten" | "memory quota" | "slow start";

/** One MicroVM as the world sees it, with what it was launched with. */
export interface MicrovmInstance extends Microvm {
  startedAt: Date;
  /** When RunMicrovm last gave an answer about it: a caller whose record failed learns its id no earlier. */
  answeredAt: Date;
  input: RunMicrovmInput;
}

export interface MemoryMicrovms extends Microvms, Faulty<"run" | "get" | "terminate"> {
  /** Every MicroVM ever launched, as it is now. */
  all(): MicrovmInstance[];
  /** Told of each MicroVM that a call launches; a repeated call launches none. */
  onLaunch(listener: (instance: MicrovmInstance) => void): void;
  /** Told once when it is terminated or dies; of its maximum duration nobody is told. */
  onEnd(microvmId: string, listener: () => void): void;
  isAlive(microvmId: string): boolean;
  /** Those that are neither terminated nor terminating. */
  alive(): MicrovmInstance[];
  /** It ends by itself: a crash, a refused run hook. */
  die(microvmId: string, reason?: string): void;
  /** Whether the image can be launched; while it is updated it cannot. */
  setImage(state: "active" | "updating" | "none"): void;
  /** The version that a launch gets which names none, of that image or of all that none was set of; `1.0` at first. */
  setLatest(version: string, imageArn?: string): void;
  /** A version of the image is deleted: a launch that names it finds none. */
  deleteVersion(version: string): void;
  /** How often `run` was refused for its rate. */
  throttledCount(): number;
}

export interface MemoryMicrovmsOptions {
  clock: Clock;
  /** Launches per second and how many at once; unlimited when absent. */
  rate?: { perSecond: number; burst: number };
  /** How many may be alive at once, by the account's quota. */
  maxAlive?: number;
  /** How long a launch stays pending. */
  bootSeconds?: number;
  /** How long a client token is remembered; for ever when absent, since nobody has documented it. */
  tokenMemorySeconds?: number;
  onEvent?(event: MicrovmsEvent): void;
}

/** TERMINATING lasts for some seconds; a terminated MicroVM stays known for about a day (microvm-platform 1.4, 2.4). */
const TERMINATING_SECONDS = 3;
const FORGOTTEN_AFTER_SECONDS = 86_400;
const MAX_PAYLOAD_BYTES = 4_096;

interface Instance {
  microvmId: string;
  imageVersion: string;
  startedAtMs: number;
  answeredAtMs: number;
  input: RunMicrovmInput;
  endingAtMs?: number;
  stateReason?: string;
}

/** Lambda MicroVMs in memory: states follow from the clock alone. */
export function createMemoryMicrovms(options: MemoryMicrovmsOptions): MemoryMicrovms {
  const { clock, rate, maxAlive, bootSeconds = 3, onEvent = () => {} } = options;
  const tokenMemoryMs = (options.tokenMemorySeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  const { run, ...faulty } = createFaultPlan<"run" | "get" | "terminate">();
  const instances = new Map<string, Instance>();
  const byToken = new Map<string, { request: string; instance: Instance; response: Microvm; atMs: number }>();
  const image = createImage();
  const launchListeners: ((instance: MicrovmInstance) => void)[] = [];
  const endListeners = new Map<string, (() => void)[]>();
  const nowMs = () => clock.now().getTime();
  const calls = createRate(rate, nowMs, () => onEvent("slow start"));

  function tokenOf(token: string) {
    const known = byToken.get(token);
    if (known === undefined || nowMs() - known.atMs < tokenMemoryMs) return known;
    byToken.delete(token);
    onEvent("token forgotten");
    return undefined;
  }

  const view = (instance: Instance) => viewOf(instance, nowMs(), bootSeconds);
  const whole = (instance: Instance): MicrovmInstance => ({
    ...view(instance),
    answeredAt: new Date(instance.answeredAtMs),
    input: instance.input,
  });

  function isAlive(instance: Instance): boolean {
    const { state } = view(instance);
    return state !== "TERMINATED" && state !== "TERMINATING";
  }

  function end(microvmId: string, reason: string): void {
    const instance = instances.get(microvmId);
    if (instance === undefined || !isAlive(instance)) return;
    instance.endingAtMs = nowMs();
    instance.stateReason = reason;
    for (const listener of endListeners.get(microvmId) ?? []) listener();
    endListeners.delete(microvmId);
  }

  function launch(input: RunMicrovmInput): Microvm {
    checkInput(input);
    const request = JSON.stringify(Object.entries(input).sort());
    const earlier = tokenOf(input.clientToken);
    // The answer is the one of the first call, whatever became of the MicroVM since (microvm-platform 1.6).
    if (earlier?.request === request) {
      earlier.instance.answeredAtMs = nowMs();
      return earlier.response;
    }
    if (earlier) throw new ClientTokenReusedError("the client token was used with another input");
    calls.take();
    const imageVersion = image.versionFor(input);
    if (maxAlive !== undefined && [...instances.values()].filter(isAlive).length >= maxAlive) {
      onEvent("memory quota");
      throw new ThrottledError("the account's quota is used up", { reason: "quota" });
    }
    const microvmId = `microvm-${String(instances.size + 1).padStart(8, "0")}`;
    const startedAtMs = nowMs();
    const instance: Instance = { microvmId, imageVersion, startedAtMs, answeredAtMs: startedAtMs, input };
    instances.set(microvmId, instance);
    const response = view(instance);
    byToken.set(input.clientToken, { request, instance, response, atMs: startedAtMs });
    for (const listener of launchListeners) listener(whole(instance));
    return response;
  }

  return {
    ...faulty,
    run: (input) => run("run", () => launch({ ...input })),
    get: (microvmId) =>
      run("get", () => {
        const instance = instances.get(microvmId);
        if (instance === undefined) return undefined;
        const seen = view(instance);
        const forgotten = seen.terminatedAt && nowMs() - seen.terminatedAt.getTime() > FORGOTTEN_AFTER_SECONDS * 1_000;
        return forgotten ? undefined : seen;
      }),
    terminate: (microvmId) => run("terminate", () => end(microvmId, "Success.")),
    all: () => [...instances.values()].map(whole),
    alive: () => [...instances.values()].filter(isAlive).map(whole),
    die: (microvmId, reason = "Run lifecycle hook returned HTTP status 500") => end(microvmId, reason),
    setLatest: image.setLatest,
    setImage: image.setState,
    deleteVersion: image.deleteVersion,
    throttledCount: () => calls.throttled(),
    onLaunch: (listener) => void launchListeners.push(listener),
    onEnd(microvmId, listener) {
      endListeners.set(microvmId, [...(endListeners.get(microvmId) ?? []), listener]);
    },
    isAlive(microvmId) {
      const instance = instances.get(microvmId);
      return instance !== undefined && isAlive(instance);
    },
  };
}

// What can be launched of the image.
function createImage() {
  let state: "active" | "updating" | "none" = "active";
  let latest = "1.0";
  const latestOf = new Map<string, string>();
  const deleted = new Set<string>();
  const refuse = (why: string) => new ThrottledError(`the image ${why}`, { reason: "image" });
  return {
    setState(to: typeof state) {
      state = to;
    },
    setLatest(version: string, imageArn?: string) {
      if (imageArn === undefined) latest = version;
      else latestOf.set(imageArn, version);
    },
    deleteVersion: (version: string) => void deleted.add(version),
    /** The version that a launch gets which names this one, or none. */
    versionFor({ imageArn, imageVersion: version }: RunMicrovmInput): string {
      if (state === "updating") throw refuse("is being updated");
      if (version !== undefined && deleted.has(version)) throw refuse("has no such version");
      if (state === "none") throw refuse("has no active version");
      return version ?? latestOf.get(imageArn) ?? latest;
    },
  };
}

// A bucket of tokens; `onSlow` is told of a refusal by a rate of one a second or less.
function createRate(rate: MemoryMicrovmsOptions["rate"], nowMs: () => number, onSlow: () => void) {
  let bucket = { tokens: rate?.burst ?? 0, atMs: nowMs() };
  let throttled = 0;
  return {
    throttled: () => throttled,
    take() {
      if (rate === undefined) return;
      const elapsedSeconds = (nowMs() - bucket.atMs) / 1_000;
      const tokens = Math.min(rate.burst, bucket.tokens + elapsedSeconds * rate.perSecond);
      bucket = { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs() };
      if (tokens >= 1) return;
      throttled++;
      if (rate.perSecond <= 1) onSlow();
      throw new ThrottledError("RunMicrovm was throttled", { reason: "rate" });
    },
  };
}

function viewOf(instance: Instance, nowMs: number, bootSeconds: number): Microvm & { startedAt: Date } {
  const { microvmId, imageVersion, startedAtMs } = instance;
  const base = { microvmId, imageVersion, startedAt: new Date(startedAtMs) };
  const end = endOf(instance);
  if (end.atMs > nowMs) {
    const state: MicrovmState = nowMs - startedAtMs < bootSeconds * 1_000 ? "PENDING" : "RUNNING";
    return { ...base, state };
  }
  const terminatedAtMs = end.atMs + TERMINATING_SECONDS * 1_000;
  if (terminatedAtMs > nowMs) return { ...base, state: "TERMINATING", stateReason: end.reason };
  return { ...base, state: "TERMINATED", terminatedAt: new Date(terminatedAtMs), stateReason: end.reason };
}

// What ends an instance first: a call, or its maximum duration.
function endOf(instance: Instance): { atMs: number; reason: string } {
  const limitMs = instance.startedAtMs + instance.input.maxDurationSeconds * 1_000;
  if (instance.endingAtMs === undefined || instance.endingAtMs > limitMs) {
    return { atMs: limitMs, reason: "MicroVM exceeded maximum lifetime." };
  }
  return { atMs: instance.endingAtMs, reason: instance.stateReason ?? "Success." };
}

function checkInput(input: RunMicrovmInput): void {
  const refuse = (problem: string) => {
    throw new RefusedError(`RunMicrovm was refused: ${problem}`);
  };
  if (!input.imageArn.startsWith("arn:")) refuse("Malformed ARN - doesn't start with 'arn:'");
  if (Buffer.byteLength(input.runHookPayload) > MAX_PAYLOAD_BYTES) {
    refuse(`Value at 'runHookPayload' must have length less than or equal to ${MAX_PAYLOAD_BYTES}`);
  }
  const duration = input.maxDurationSeconds;
  if (!Number.isInteger(duration) || duration < 1 || duration > 28_800)
    refuse("maximumDurationInSeconds is out of range");
  if (input.clientToken.length < 1 || input.clientToken.length > 128) refuse("clientToken is out of range");
}

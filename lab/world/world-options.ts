import type { DispatcherEnvironment, WebhookEnvironment } from "../../contract/environment.ts";
import type { RunnerClassesDocument } from "../../contract/runner-classes.ts";
import type { WatchedHook } from "../../dispatcher/core/views.ts";
import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import type { FaultSource } from "./call-gate.ts";
import type { GuestFate } from "./guest.ts";
import type { JobEvent, MemoryGitHub } from "./services/memory-github.ts";
import type { MicrovmInstance } from "./services/memory-microvms.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How a delivery fares on its way. */
export type DeliveryFate = { kind: "arrives"; afterSeconds: number; copies?: number } | { kind: "lost" };

/** Keeps what CloudWatch is told. */
export interface Observer {
  /** One of our functions wrote a line to its log. */
  line(of: string, at: Date, line: string): void;
  /** An invocation of one of our functions ended, or was not begun. */
  invoked(of: string, at: Date, outcome: "ended" | "failed" | "throttled"): void;
}

/** A webhook whose deliveries can be listed, or that refuses. */
export interface WorldHook {
  hook: WatchedHook;
  /** What its calls are answered with at that moment, instead of what was asked for. */
  refuses?(now: Date): Error | undefined;
}

export interface WorldOptions {
  seed: number;
  /** When it begins. */
  start?: Date;
  repositories: readonly string[];
  /** Another deployment in the same GitHub, at the same time. */
  beside?: { time: VirtualTime; github: MemoryGitHub };
  /** What its functions' environment has otherwise. */
  environment?: Partial<WebhookEnvironment & DispatcherEnvironment>;
  maxConcurrency?: number;
  maxConcurrencyPerRepository?: number;
  /** Runners belong to the organization and serve all of its repositories. */
  organizationRunners?: boolean;
  /** Classes of runners beside the default. */
  classes?: RunnerClassesDocument;
  /** GitHub adds to each runner the labels that it may add. */
  addsLabels?: boolean;
  /** RunMicrovm's own limit. */
  rate?: { perSecond: number; burst: number };
  /** The account's memory quota, as a number of MicroVMs. */
  maxAlive?: number;
  /** How long RunMicrovm remembers a client token; for ever when absent. */
  tokenMemorySeconds?: number;
  faults?: FaultSource;
  /** How long a call takes, in milliseconds; nothing when absent. */
  delayOf?(callName: string): number;
  fateOfMicrovm?(instance: MicrovmInstance, random: () => number): GuestFate;
  fateOfDelivery?(event: JobEvent, random: () => number): DeliveryFate;
  /** How late SQS shows a message that is sent now, in seconds. */
  latenessOf?(now: Date, random: () => number): number;
  /** What a test takes away to see that something misses it. */
  alter?(deps: DispatcherDeps): DispatcherDeps;
  /** Whether GitHub is asked to deliver a failed delivery again; it is by default. */
  redelivers?(event: JobEvent): boolean;
  /** The webhooks whose deliveries are looked at; the App's own by default. */
  hooks?: readonly WorldHook[];
  /** The dispatcher's `maximum_concurrency`: its invocations at once. */
  workers?: number;
  /** The account's limit on invocations at once; none by default. */
  lambdaConcurrency?: number;
  observer?: Observer;
  /** What keeps the dispatcher's mapping from its messages at that moment. */
  mapping?(now: Date): "disabled" | "failing" | "throttled" | undefined;
  /** What the webhook function's URL answers at that moment instead of the function. */
  urlAnswers?(now: Date): number | undefined;
  /**
   * Has the redeliver function invoked all the time, while it says so; else only while there is something to ask for.
   */
  invokesRedeliver?(now: Date): boolean;
  /** How far the clocks of the functions, and GitHub's, may be off. */
  skewSeconds?: number;
  gitHubSkewSeconds?: number;
}

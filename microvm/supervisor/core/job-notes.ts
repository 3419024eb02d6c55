import { baselineUsd, baselineVcpus } from "../../../contract/baseline.ts";
import prices from "../../prices.json" with { type: "json" };

/** What the job's page is told about the MicroVM; the supervisor writes it where the runner's job hooks can read it. */
export interface JobFacts {
  launchId: string;
  microvmId: string;
  region: string;
  memoryMib: number;
  /** The kind of runners that this one is of; null where a deployment has one. */
  runnerClass: string | null;
  /** Unix time in milliseconds of `/run`. */
  startedAtMs: number;
  maxDurationSeconds: number;
  docker: DockerState;
  /** Why the runner is being ended, when it is. */
  stopReason: string | null;
}

export interface DockerState {
  phase: "off" | "starting" | "ready" | "failed";
  /** Why, when it is off or failed. */
  reason: string;
}

/** The line at a job's start: what it runs on. */
export function startNote(facts: JobFacts): string {
  const vcpus = baselineVcpus(facts.memoryMib);
  return (
    `Runs on MicroVM ${facts.microvmId || facts.launchId} in ${facts.region}` +
    `${facts.runnerClass === null ? "" : ` (runner class ${facts.runnerClass})`}: ` +
    `${vcpus} vCPU and ${facts.memoryMib} MiB as a baseline, for at most ${spell(facts.maxDurationSeconds)}. ` +
    dockerNote(facts.docker)
  );
}

/** The line at a job's end: how long the MicroVM ran and what that costs at the list price, where one is known. */
export function endNote(facts: JobFacts, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - facts.startedAtMs) / 1_000));
  const price = Object.entries(prices.usdPerSecond).find(([region]) => region === facts.region)?.[1];
  const cost =
    price === undefined
      ? ""
      : `, $${baselineUsd(price, facts.memoryMib, seconds).toFixed(4)} for its baseline at the list price of ${facts.region} (${prices.date})`;
  return `The MicroVM ran for ${spell(seconds)}${cost}.`;
}

function dockerNote({ phase, reason }: DockerState): string {
  if (phase === "ready") return "Docker is ready.";
  if (phase === "off") return `Docker is off: ${reason}.`;
  return phase === "failed" ? `Docker did not start: ${reason}.` : "Docker is still starting.";
}

function spell(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  const parts = [hours > 0 ? `${hours} h` : "", minutes > 0 ? `${minutes} min` : "", rest > 0 ? `${rest} s` : ""];
  return parts.filter((part) => part !== "").join(" ") || "0 s";
}

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { endNote, type JobFacts, startNote } from "./core/job-notes.ts";

const POLL_MS = 100;

/** At a job's start: waits until dockerd is up or has failed, at most `boundMs`, then says what the job runs on. */
export async function writeStartNote(factsFile: string, boundMs: number, write: (line: string) => void): Promise<void> {
  const deadline = Date.now() + boundMs;
  let facts = await readFacts(factsFile);
  while (facts.docker.phase === "starting" && Date.now() < deadline) {
    await pause(POLL_MS);
    facts = await readFacts(factsFile);
  }
  write(startNote(facts));
  if (facts.docker.phase === "failed" || facts.docker.phase === "starting") {
    write(
      "::warning title=Docker::Docker is not there: steps that use it will fail. The MicroVM's log has its output.",
    );
  }
}

/** At a job's end: how long the MicroVM ran and what that costs, and why it was ended if it was. */
export async function writeEndNote(factsFile: string, write: (line: string) => void): Promise<void> {
  const facts = await readFacts(factsFile);
  if (facts.stopReason !== null) write(`::warning title=MicroVM::The runner was told to end: ${facts.stopReason}.`);
  write(endNote(facts, Date.now()));
}

async function readFacts(file: string): Promise<JobFacts> {
  // Written by the supervisor of this image and by nobody else.
  return JSON.parse(await readFile(file, "utf8")) as JobFacts;
}

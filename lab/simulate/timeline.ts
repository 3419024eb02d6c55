import type { Job } from "../github/jobs.ts";
import type { Lab } from "../lab.ts";

/** One step of a job's way. */
export interface Step {
  name: string;
  /** Unix time in milliseconds; absent when it has not happened. */
  at: number | undefined;
}

/** What a run left behind, in words; empty when it left nothing. */
export function leftoversOf(lab: Lab): string[] {
  const { microvms, queues } = lab.aws.leftovers();
  const { runners, jobs } = lab.github.leftovers();
  return [
    ...microvms.map(({ microvmId, state }) => `MicroVM ${microvmId} is ${state}`),
    ...runners.map(({ name, status }) => `runner ${name} is registered and ${status}`),
    ...queues.map(
      ({ name, visible, delayed, inFlight }) => `queue ${name} holds ${visible + delayed + inFlight} messages`,
    ),
    ...jobs.map(({ id, status }) => `job ${id} is ${status}`),
  ];
}

/** The steps of one job, from what the simulated AWS and GitHub saw happen. */
export function timelineOf(lab: Lab, job: Pick<Job, "id">): Step[] {
  const aws = lab.aws.events.all();
  const github = lab.github.events.all();
  const prefix = `-${job.id}-`;
  const ofJob = (kind: string, more: Record<string, unknown> = {}) =>
    github.find((event) => event.kind === kind && event.jobId === job.id && matches(event, more))?.at;
  const ofRunner = (kind: string) =>
    github.find((event) => event.kind === kind && String(event.runnerName).includes(prefix))?.at;
  const microvmId = lab.aws.microvms.machines().find((machine) => machine.request.clientToken?.includes(prefix))?.id;
  const ofMicrovm = (state: string) =>
    aws.find((event) => event.kind === "microvm.state" && event.microvmId === microvmId && event.state === state)?.at;
  const logged = (event: string) => functionLog(lab, job.id).find((line) => line.event === event)?.at;
  const supervisor = (event: string) => supervisorLog(lab, microvmId).find((line) => line.event === event)?.at;
  const steps = [
    { name: "job queued on GitHub", at: ofJob("job.queued") },
    { name: "delivered to the webhook", at: ofJob("delivery.sent", { action: "queued" }) },
    { name: "message in the queue", at: logged("delivery.queued") },
    { name: "claimed by the dispatcher", at: logged("launch.claimed") },
    { name: "runner registered", at: ofRunner("runner.registered") },
    { name: "RunMicrovm accepted", at: ofMicrovm("PENDING") },
    { name: "MicroVM running", at: ofMicrovm("RUNNING") },
    { name: "runner online", at: ofRunner("runner.online") },
    { name: "runner ready", at: supervisor("runner.ready") },
    { name: "docker ready", at: supervisor("docker.ready") },
    { name: "job started", at: ofJob("job.in_progress") },
    { name: "job completed", at: ofJob("job.completed") },
    { name: "MicroVM terminated", at: ofMicrovm("TERMINATED") },
  ];
  // What goes on side by side in the MicroVM, such as Docker's start, ends in no certain order.
  return steps.sort((one, other) => (one.at ?? Number.POSITIVE_INFINITY) - (other.at ?? Number.POSITIVE_INFINITY));
}

function matches(event: Record<string, unknown>, wanted: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(([name, value]) => event[name] === value);
}

interface LoggedLine {
  at: number;
  stream: string;
  event: string;
  jobId?: number;
}

/** What the functions logged about a job. */
export function functionLog(lab: Lab, jobId: number): LoggedLine[] {
  return eventsIn(lab, "/aws/lambda/").filter((line) => line.jobId === jobId);
}

function supervisorLog(lab: Lab, microvmId: string | undefined): LoggedLine[] {
  return microvmId === undefined
    ? []
    : eventsIn(lab, "/aws/lambda-microvms/").filter(({ stream }) => stream.endsWith(microvmId));
}

function eventsIn(lab: Lab, groups: string): LoggedLine[] {
  return lab.aws.logs
    .names()
    .filter((group) => group.startsWith(groups))
    .flatMap((group) => lab.aws.logs.read(group))
    .flatMap(({ timestamp, stream, message }) => {
      if (!message.startsWith("{")) return [];
      const { event, jobId } = JSON.parse(message) as Partial<LoggedLine>;
      return event === undefined ? [] : [{ at: timestamp, stream, event, ...(jobId === undefined ? {} : { jobId }) }];
    });
}

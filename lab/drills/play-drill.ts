import type { Monitoring } from "../cloudwatch/definitions.ts";
import { evaluateAlarm, type StateChange } from "../cloudwatch/evaluate-alarm.ts";
import { Recording } from "../cloudwatch/recording.ts";
import type { MicrovmInstance } from "../world/services/memory-microvms.ts";
import { createWorld, type World } from "../world/world.ts";
import type { Observer } from "../world/world-options.ts";
import { queueJobs, REPOSITORIES } from "./day.ts";
import type { Drill, Outage } from "./drill.ts";
import { playImage } from "./image-drill.ts";

const HOUR_MS = 3_600_000;
const SAMPLE_SECONDS = 60;
/** No outage begins on the minute that a schedule keeps. */
const ODD_MS = 70_000;

/** What was played, and what CloudWatch was told of it. */
export interface PlayedDrill {
  drill: Drill;
  outage: Outage;
  recording: Recording;
  begin: Date;
  end: Date;
  /** When the first job was queued that the outage met. */
  firstAffected: Date;
  /** By id: seconds from GitHub's queue to a runner; undefined where it never ran. */
  waits: ReadonlyMap<number, number | undefined>;
  /** All that were launched, and the repository of the job that each was launched for. */
  microvms: readonly (MicrovmInstance & { repository: string })[];
}

/** Plays a drill in virtual time; `prefix` begins the names of what Terraform applied. */
export async function playDrill(drill: Drill, prefix: string): Promise<PlayedDrill> {
  const { hours, hour = 14, hoursBefore = 2, hoursAfter = 4, jobs = "day" } = drill;
  const from = new Date(Date.UTC(2026, 0, 5, hour) + ODD_MS);
  const until = new Date(from.getTime() + hours * HOUR_MS);
  const outage = { from, until, isOn: (now: Date) => now >= from && now < until };
  const begin = new Date(Date.UTC(2026, 0, 5, hour) - hoursBefore * HOUR_MS);
  const recording = new Recording();
  const observer = observe(recording, prefix);
  const world = createWorld({
    ...{ seed: 11, start: begin, repositories: REPOSITORIES, observer, invokesRedeliver: () => true },
    ...drill.options?.(outage),
  });
  sample(world, recording, prefix);
  playImage(world, observer, drill.image ?? {}, outage);
  const all = hoursBefore + hours + hoursAfter;
  // The last hours are for what still waits.
  const queued = queueJobs(world, all - Math.min(2, hoursAfter), jobs, typeof jobs === "number" ? hoursBefore : 0);
  const started = watchStarts(world);
  drill.play?.(world, outage);
  await world.time.run(all);
  const waits = world.github.jobs().map(({ id }) => [id, started.get(id)] as const);
  return {
    ...{ drill, outage, recording, begin, end: world.time.now() },
    firstAffected: queued.find((at) => at >= from) ?? from,
    waits: new Map(waits),
    microvms: world.microvms.all().map((microvm) => ({ ...microvm, repository: repositoryOf(world, microvm) })),
  };
}

function repositoryOf({ github }: World, { input }: MicrovmInstance): string {
  const [, jobId] = /-(\d+)-\d+$/.exec(input.clientToken) ?? [];
  return github.job(Number(jobId))?.repository ?? "";
}

function observe(recording: Recording, prefix: string): Observer {
  return {
    line: (of, at, line) => recording.log(`/aws/lambda/${prefix}-${of}`, at, line),
    invoked(of, at, outcome) {
      const report = (metric: string, value: number) =>
        recording.report("AWS/Lambda", metric, `${prefix}-${of}`, at, value);
      // Lambda reports errors for what was invoked and throttles for what was not (AWS Lambda, function metrics).
      if (outcome === "throttled") report("Throttles", 1);
      else report("Errors", outcome === "failed" ? 1 : 0);
    },
  };
}

function sample(world: World, recording: Recording, prefix: string): void {
  const { time, queue } = world;
  const report = (metric: string, of: string, value: number) =>
    recording.report("AWS/SQS", metric, `${prefix}-${of}`, time.now(), value);
  const look = () => {
    report("ApproximateAgeOfOldestMessage", "jobs", queue.oldestAgeSeconds());
    const { visible, delayed } = queue.counts();
    report("ApproximateNumberOfMessagesVisible", "jobs", visible);
    report("ApproximateNumberOfMessagesDelayed", "jobs", delayed);
    report("ApproximateNumberOfMessagesVisible", "dead-letters", queue.deadLetters().length);
    time.after(SAMPLE_SECONDS, look);
  };
  look();
}

function watchStarts({ github, time }: World): Map<number, number> {
  const started = new Map<number, number>();
  github.onEvent(({ action, job }) => {
    if (action !== "in_progress") return;
    started.set(job.id, (time.now().getTime() - job.queuedAt.getTime()) / 1_000);
  });
  return started;
}

export interface AlarmHistory {
  name: string;
  changes: StateChange[];
}

/** What each alarm did in the drill, without its name's prefix. */
export function historiesOf(played: PlayedDrill, monitoring: Monitoring, prefix: string): AlarmHistory[] {
  const metrics = played.recording.metrics(monitoring);
  return monitoring.alarms.map((alarm) => ({
    name: alarm.name.slice(prefix.length + 1),
    changes: evaluateAlarm(alarm, metrics, played.begin, played.end).filter(
      ({ at, to }) => at >= played.outage.from && (to !== "INSUFFICIENT_DATA" || alarm.tellsOfNoData),
    ),
  }));
}

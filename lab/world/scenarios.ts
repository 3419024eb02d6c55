import type { FaultSource } from "./call-gate.ts";
import type { WorldOptions } from "./world.ts";
import { LABELS, type World } from "./world.ts";

/** A short story that touches one way in which a job's life can go. */
export interface Scenario {
  name: string;
  options?: Partial<WorldOptions>;
  /** What goes wrong in it whatever else does. */
  base?: FaultSource;
  /** What it lets go wrong keeps the functions from acting in time (see `InspectOptions`). */
  excused?: true;
  /** None of its jobs can be served from some moment on. */
  unservable?: true;
  /** How long it is played; 30 hours when absent. */
  hours?: number;
  /** Plans what happens in the world. */
  play(world: World): void;
}

const REPOSITORY = "acme/shop";

type JobKind = Pick<Parameters<World["github"]["queueJob"]>[0], "isPublic" | "origin">;

function queueAt(world: World, seconds: number, id: number, kind: JobKind = {}): void {
  world.time.after(seconds, () => world.github.queueJob({ id, repository: REPOSITORY, labels: LABELS, ...kind }));
}

/** Each is run once for every call that it makes and every way in which that call can fail. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "one job", play: (world) => queueAt(world, 0, 11) },
  {
    name: "a job that is cancelled while its MicroVM boots",
    play(world) {
      queueAt(world, 0, 11);
      world.time.after(10, () => world.github.cancelJob(11));
    },
  },
  {
    name: "a job that is cancelled at once",
    play(world) {
      queueAt(world, 0, 11);
      world.time.after(1.5, () => world.github.cancelJob(11));
    },
  },
  {
    name: "two jobs whose runners are swapped",
    options: {
      fateOfMicrovm: ({ input }) => ({
        bootSeconds: input.clientToken.startsWith("gha-11-") ? 60 : 15,
        jobSeconds: 60,
      }),
    },
    play(world) {
      queueAt(world, 0, 11);
      queueAt(world, 5, 12);
    },
  },
  {
    name: "a job that is given to another's runner, whose own job is cancelled",
    options: {
      fateOfMicrovm: ({ input }) => ({
        bootSeconds: input.clientToken.startsWith("gha-11-") ? 90 : 15,
        jobSeconds: 60,
      }),
    },
    play(world) {
      queueAt(world, 0, 11);
      queueAt(world, 5, 12);
      world.time.after(40, () => world.github.cancelJob(12));
    },
  },
  {
    name: "a MicroVM that dies before its runner registers",
    options: {
      fateOfMicrovm: ({ input }) =>
        input.clientToken.endsWith("-1")
          ? { bootSeconds: 20, jobSeconds: 60, diesAfterSeconds: 10 }
          : { bootSeconds: 20, jobSeconds: 60 },
    },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a MicroVM that dies in the middle of its job",
    options: { fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 600, diesAfterSeconds: 120 }) },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a job of which every message about its end is lost",
    options: {
      fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 60, mute: true }),
      fateOfDelivery: ({ action }) =>
        action === "completed" ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 },
      redelivers: ({ action }) => action !== "completed",
    },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a job whose delivery is lost at first",
    options: {
      fateOfDelivery: ({ action }) => (action === "queued" ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 }),
    },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a delivery that arrives twice",
    options: { fateOfDelivery: () => ({ kind: "arrives", afterSeconds: 1, copies: 2 }) },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a fork's pull request to a public repository beside a push, whose runner is given to it",
    play(world) {
      queueAt(world, 0, 11, { isPublic: true, origin: { event: "pull_request", headRepository: "jane/shop" } });
      queueAt(world, 5, 12, { isPublic: true });
      // Nobody else serves it.
      world.time.after(36_000, () => world.github.cancelJob(11));
    },
  },
  {
    name: "two jobs with room for one MicroVM",
    options: { maxConcurrency: 1 },
    play(world) {
      queueAt(world, 0, 11);
      queueAt(world, 1, 12);
    },
  },
];

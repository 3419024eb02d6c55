import type { FinishCall } from "../../contract/finish-call.ts";
import type { Logger } from "../../contract/log.ts";
import type { RunPayload } from "../../contract/run-payload.ts";
import { wrapJitConfig } from "../../contract/run-payload.ts";
import type { JobFacts } from "./core/job-notes.ts";
import { readMilestones } from "./core/milestones.ts";
import type { RunRequest } from "./core/run-request.ts";
import { type Action, advance, type Life, type LifeBounds, type LifeEvent, newLife } from "./core/runner-life.ts";
import type { Docker, FinishCaller, JobPage, PerfLog, RunnerProcess, Timers } from "./ports.ts";

export interface Supervision {
  /** `accepted` once, `known` for the same launch again, `refused` for another one. */
  accept(request: RunRequest): "accepted" | "known" | "refused";
  /** Starts the runner of the accepted request; later calls do nothing. */
  begin(): void;
  stop(reason: string): void;
  /** Resolves when the runner is gone and the finish call is made or given up. */
  readonly over: Promise<void>;
}

export interface SupervisionDeps {
  bounds: LifeBounds;
  runner: RunnerProcess;
  finish: FinishCaller;
  docker: Docker;
  jobPage: JobPage;
  perfLog: PerfLog;
  timers: Timers;
  now: () => Date;
  memoryMib: number;
  log: Logger;
}

/** Carries out what the runner's life asks for. It holds the only state of the supervisor. */
export function supervise(deps: SupervisionDeps): Supervision {
  let life: Life = newLife;
  let request: RunRequest | undefined;
  let facts: JobFacts | undefined;
  let added: Readonly<Record<string, string>> = {};
  let dockerReadyMs: number | undefined;
  let resolveOver = () => {};
  const over = new Promise<void>((resolve) => {
    resolveOver = resolve;
  });

  const note = (change: Partial<JobFacts>): void => {
    if (facts === undefined) return;
    facts = { ...facts, ...change };
    deps.jobPage.update(facts);
  };
  const logTiming = (): void => {
    if (facts === undefined) return;
    const milestones = readMilestones(deps.perfLog.read(), facts.startedAtMs);
    const docker = dockerReadyMs === undefined ? {} : { dockerReady: dockerReadyMs };
    if (Object.keys(milestones).length > 0) deps.log.info("job.timing", { ...milestones, ...docker });
  };
  const dispatch = (event: LifeEvent): void => {
    const next = advance(life, event, deps.bounds);
    life = next.life;
    for (const action of next.actions) perform(action);
  };
  const perform = (action: Action): void => {
    switch (action.do) {
      case "start":
        if (request !== undefined) startRunner(request.payload);
        return;
      case "signal":
        deps.runner.signal(action.signal);
        return;
      case "timer":
        deps.timers.set(action.ms, () => dispatch({ type: "timer", name: action.name }));
        return;
      case "log":
        deps.log[action.level](action.event, action.fields);
        return;
      case "explain":
        note({ stopReason: action.reason });
        return;
      case "finish":
        deps.docker.stop();
        logTiming();
        void (
          request === undefined ? Promise.resolve() : deps.finish.call(finishOf(request.payload, action.refused))
        ).then(resolveOver);
        return;
    }
  };
  const startRunner = (payload: RunPayload): void =>
    deps.runner.start(
      { encodedJitConfig: wrapJitConfig(payload.jitConfig), environment: added },
      {
        onStarted: (pid) => deps.log.info("runner.started", { pid }),
        onLine: (line) => {
          deps.log.info("runner.output", { line });
          dispatch({ type: "line", line });
        },
        onEnd: (end) =>
          dispatch("problem" in end ? { type: "unstartable", problem: end.problem } : { type: "exited", ...end }),
      },
    );

  return {
    accept(offered) {
      if (request !== undefined) return request.payload.launchId === offered.payload.launchId ? "known" : "refused";
      if (life.phase !== "idle") return "refused";
      request = offered;
      return "accepted";
    },
    begin() {
      if (request === undefined || life.phase !== "idle") return;
      facts = factsOf(request, deps);
      added = { ...deps.jobPage.install(facts), ...deps.perfLog.install() };
      dispatch({ type: "run", maxDurationMs: request.payload.maxDurationSeconds * 1_000 });
      // After the runner, which has the longer way to go: to GitHub and back.
      deps.docker.start((docker) => {
        if (docker.phase === "ready" && facts !== undefined) dockerReadyMs = deps.now().getTime() - facts.startedAtMs;
        note({ docker });
      });
    },
    stop: (reason) => dispatch({ type: "stop", reason }),
    over,
  };
}

function factsOf({ microvmId, payload }: RunRequest, { now, memoryMib }: SupervisionDeps): JobFacts {
  const { launchId, region, maxDurationSeconds, runnerClass = null } = payload;
  return {
    launchId,
    microvmId,
    region,
    maxDurationSeconds,
    memoryMib,
    runnerClass,
    startedAtMs: now().getTime(),
    docker: { phase: "starting", reason: "" },
    stopReason: null,
  };
}

function finishOf(
  payload: RunPayload,
  refused: { runner: string | undefined } | undefined,
): { url: string; body: FinishCall } {
  const { url, expiresAt, mac } = payload.finish;
  const body: FinishCall = { launchId: payload.launchId, expiresAt, mac };
  if (refused === undefined) return { url, body };
  const { runner } = refused;
  return { url, body: { ...body, problem: "runner-refused", ...(runner === undefined ? {} : { runner }) } };
}

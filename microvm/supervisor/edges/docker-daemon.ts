import type { DockerState } from "../core/job-notes.ts";
import type { Docker } from "../ports.ts";
import { createDockerd, type DockerOptions, reasonToBeOff } from "./dockerd-process.ts";

/** dockerd, started for the job: what is left of one that ran before the snapshot are its images. */
export function createDockerDaemon(options: DockerOptions, beforeStart: () => void): Docker {
  const { log, boundMs } = options;
  const dockerd = createDockerd(options);
  let stopped = false;
  return {
    start(onChange) {
      const off = reasonToBeOff(options);
      if (off !== undefined) {
        log.info("docker.off", { reason: off });
        return onChange({ phase: "off", reason: off });
      }
      onChange({ phase: "starting", reason: "" });
      beforeStart();
      const startedAt = performance.now();
      dockerd
        .start(Date.now() + boundMs)
        .then(({ reason }): DockerState => ({ phase: reason === "" ? "ready" : "failed", reason }))
        .catch((error: unknown): DockerState => ({ phase: "failed", reason: messageOf(error) }))
        .then((state) => {
          if (stopped) return;
          const fields = { ms: Math.round(performance.now() - startedAt), reason: state.reason };
          if (state.phase === "ready") log.info("docker.ready", fields);
          else log.error("docker.failed", fields);
          onChange(state);
        });
    },
    stop() {
      stopped = true;
      dockerd.abandon();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

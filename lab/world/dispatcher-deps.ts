import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import type { Clock } from "../../dispatcher/ports.ts";
import type { Invocation } from "./call-gate.ts";
import type { Parts } from "./parts.ts";

/** What one invocation of the dispatcher works with: every port behind the gate, and the clock of its environment. */
export function depsOf(parts: Parts, invocation: Invocation, clock: Clock): DispatcherDeps {
  const { gate, secrets, time } = parts;
  const guard = <Port extends object>(name: string, port: Port) => gate.guard(name, port, invocation);
  const secret = guard("ssm", {
    get: async () => ({ webhook_secrets: secrets.accepted(), github_app: { app_id: "1", private_key: "k" } }),
  });
  const deps: DispatcherDeps = {
    environment: parts.environment,
    region: "eu-west-1",
    jobs: guard("table", parts.jobs),
    pace: guard("table", parts.pace),
    capacity: guard("table", parts.capacity),
    placesQueue: guard("table", parts.placesQueue),
    deployment: guard("table", parts.deployment),
    hold: guard("table", parts.hold),
    releases: guard("table", parts.releases),
    microvms: guard("microvms", parts.microvms),
    queue: guard("queue", parts.queue),
    secret: () => secret.get(),
    github: async () => guard("github", parts.github),
    clock,
    sleep: (ms) => time.sleep(ms),
    random: parts.random,
    log: parts.logOf("dispatcher"),
  };
  return parts.options.alter?.(deps) ?? deps;
}

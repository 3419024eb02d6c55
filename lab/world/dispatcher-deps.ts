import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import { readClasses } from "../../dispatcher/handlers/read-classes.ts";
import type { Clock } from "../../dispatcher/ports.ts";
import type { Invocation } from "./call-gate.ts";
import type { Parts } from "./parts.ts";

/** What one invocation of the dispatcher works with: every port behind the gate, and the clock of its environment. */
export function depsOf(parts: Parts, invocation: Invocation, clock: Clock): DispatcherDeps {
  const { gate, secrets, time } = parts;
  const environment = { ...parts.environment };
  const guard = <Port extends object>(name: string, port: Port) => gate.guard(name, port, invocation);
  const secret = guard("ssm", {
    get: async () => ({ webhook_secrets: secrets.accepted(), github_app: { app_id: "1", private_key: "k" } }),
  });
  const parameters = guard("ssm", { get: async (name: string) => parts.classes.read(name) });
  const deps: DispatcherDeps = {
    environment,
    region: "eu-west-1",
    jobs: guard("table", parts.jobs),
    pace: guard("table", parts.pace),
    capacity: guard("table", parts.capacity),
    placesQueue: guard("table", parts.placesQueue),
    placesOfClass: (name) => {
      const { capacity, placesQueue } = parts.placesOfClass(name);
      return { capacity: guard("table", capacity), placesQueue: guard("table", placesQueue) };
    },
    deployment: guard("table", parts.deployment),
    hold: guard("table", parts.hold),
    holdOfImage: (image) => guard("table", parts.holdOfImage(image)),
    classes: readClasses(parameters, environment.CLASSES_PARAM),
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

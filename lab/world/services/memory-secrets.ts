import { NotFoundError } from "../../../dispatcher/errors.ts";
import type { Secrets } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export interface MemorySecrets extends Secrets, Faulty<"get"> {
  set(name: string, value: string): void;
}

/** SSM parameters in memory. */
export function createMemorySecrets(values: Readonly<Record<string, string>> = {}): MemorySecrets {
  const { run, ...faulty } = createFaultPlan<"get">();
  const parameters = new Map(Object.entries(values));
  return {
    ...faulty,
    get: (name) =>
      run("get", () => {
        const value = parameters.get(name);
        if (value === undefined)
          throw new NotFoundError(`SSM parameter ${name} does not exist; apply the module again`);
        return value;
      }),
    set: (name, value) => void parameters.set(name, value),
  };
}

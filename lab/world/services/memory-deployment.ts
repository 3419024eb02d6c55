import { type DeploymentState, INITIAL_DEPLOYMENT } from "../../../dispatcher/core/deployment.ts";
import type { Deployment } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export type MemoryDeployment = Deployment & Faulty<"read" | "update">;

/** What all jobs of a deployment know together, in memory. */
export function createMemoryDeployment(): MemoryDeployment {
  const { run, ...faulty } = createFaultPlan<"read" | "update">();
  let state: DeploymentState = INITIAL_DEPLOYMENT;
  return {
    ...faulty,
    read: () => run("read", () => state),
    update: (change) =>
      run("update", () => {
        // Through JSON, as in the table.
        state = JSON.parse(JSON.stringify(change(state))) as DeploymentState;
        return state;
      }),
  };
}

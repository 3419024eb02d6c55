import { type DeploymentState, deploymentState, INITIAL_DEPLOYMENT } from "../core/deployment.ts";
import type { Deployment } from "../ports.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";
import { createVersionedCell, type Sleep } from "./versioned-cell.ts";

/** What all jobs of the deployment know together, in the item `deployment` of the jobs table. */
export function createDynamodbDeployment(fetch: SignedFetch, tableName: string, sleep?: Sleep): Deployment {
  return createVersionedCell<DeploymentState>({
    fetch,
    tableName,
    id: "deployment",
    schema: deploymentState,
    initial: INITIAL_DEPLOYMENT,
    sleep,
  });
}

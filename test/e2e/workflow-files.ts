import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createWorkspace } from "../../lab/terraform/terraform.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

export const WORKFLOWS_DIR = join(PROJECT_ROOT, "examples/workflows");
/** The names of the example workflows. */
export const WORKFLOWS = readdirSync(WORKFLOWS_DIR).sort();

export interface WorkflowJob {
  "runs-on": string[];
  "timeout-minutes": number;
  services?: object;
  strategy?: { matrix: Record<string, unknown[]> };
  steps: { run?: string; uses?: string }[];
}
export interface Workflow {
  name: string;
  permissions: object;
  jobs: Record<string, WorkflowJob>;
}

/** The example workflows by their names; YAML is read as Terraform does. */
export async function readWorkflows(): Promise<Record<string, Workflow>> {
  const main =
    'output "workflows" {\n  value = { for name in fileset(".", "*.yml") : name => yamldecode(file(name)) }\n}\n';
  const workspace = await createWorkspace({ copyOf: WORKFLOWS_DIR, files: { "main.tf": main } });
  await workspace.apply();
  const { workflows } = await workspace.outputs();
  await workspace.close();
  // The shape that actionlint holds each file to.
  return workflows?.value as Record<string, Workflow>;
}

/** As many jobs as the matrix has combinations. */
export function combinations({ strategy }: WorkflowJob): number {
  return Object.values(strategy?.matrix ?? {}).reduce((count, values) => count * values.length, 1);
}

/** Whether a step or a service of the job needs Docker. */
export function usesDocker({ services, steps }: WorkflowJob): boolean {
  return services !== undefined || steps.some(({ run = "", uses = "" }) => /docker/.test(run + uses));
}

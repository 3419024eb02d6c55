import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type LabAws, startAws } from "../../lab/aws/aws.ts";
import { serveProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../lab/terraform/terraform.ts";
import { type MemoryGuests, memoryGuests } from "../lab/aws/support/memory-guests.ts";
import { rootModule } from "./open-module.ts";
import { MODULE_DIR } from "./parse-module.ts";

/** The generated module and a simulated account that it is applied to. */
export interface ModuleInAccount {
  readonly aws: LabAws;
  /** What MicroVMs are in it: their answers to hooks decide whether a build succeeds. */
  readonly guests: MemoryGuests;
  readonly workspace: Workspace;
  /** Writes the root module anew, with other inputs for the module. */
  setCall(inputs: Record<string, unknown>): Promise<void>;
  /** Puts another tree in place of the generated module, such as a release's, and has Terraform take it. */
  setModule(folder: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a root module that calls the generated module as `gha_runner`; nothing is applied yet. `through` answers what
 * stands between Terraform and the account.
 */
export async function openInAccount(
  inputs: Record<string, unknown>,
  guests: MemoryGuests = memoryGuests(),
  through: (aws: LabAws) => LabAws["providers"] = ({ providers }) => providers,
): Promise<ModuleInAccount> {
  const workspace = await createWorkspace({ copyOf: { module: MODULE_DIR } });
  const aws = await startAws({ guests, workingDirectory: workspace.dir, queueNameHoldMs: 0 });
  const providers = await serveProviders({
    behaviours: through(aws),
    account: aws.account.accountId,
    region: aws.account.region,
    workingDirectory: workspace.dir,
  });
  workspace.setEnv(providers.env);
  const setCall = (call: Record<string, unknown>) =>
    workspace.write({ "main.tf.json": rootModule({ gha_runner: call }) });
  await setCall(inputs);
  await workspace.init();
  return {
    aws,
    guests,
    workspace,
    setCall,
    async setModule(folder) {
      const module = join(workspace.dir, "module");
      await rm(module, { recursive: true });
      await cp(folder, module, { recursive: true });
      await workspace.run("init", "-no-color", "-input=false", "-upgrade");
    },
    async close() {
      await aws.stop();
      await providers.close();
      await workspace.close();
    },
  };
}

/** What many classes of runners cost whoever plans. */
import { performance } from "node:perf_hooks";
import { serveProviders } from "../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../lab/terraform/terraform.ts";
import { median, type Row } from "./report.ts";

const RUNS = 3;
const CLASSES = 32;
const REPOSITORIES = 5;
const MODULE = new URL("../module", import.meta.url).pathname;

const CALL = {
  source: "./module",
  github_app: { app_id: "123456", installation_id: "12345678", private_key: null },
  github_app_key_source: { ssm_parameter_arn: "arn:aws:ssm:eu-west-1:123456789012:parameter/github/app-key" },
  github_organization: "my-org",
};
const repositories = Array.from({ length: REPOSITORIES }, (_, index) => `my-org/repo-${index}`);
/** Each has a size, and with it an image, of its own. */
const runner_classes = Object.fromEntries(
  Array.from({ length: CLASSES }, (_, index) => [`class-${index}`, { runner_memory_mib: 4_096, repositories }]),
);

function rootModule(inputs: object): string {
  return JSON.stringify({
    terraform: { required_providers: { github: { source: "integrations/github" } } },
    provider: { aws: { region: "eu-west-1" }, awscc: { region: "eu-west-1" }, github: { owner: "my-org" } },
    module: { gha_runner: { ...CALL, ...inputs } },
  });
}

async function planMs(workspace: Workspace): Promise<number> {
  const begin = performance.now();
  await workspace.plan();
  return performance.now() - begin;
}

/** Times of plans against the lab's providers, with many classes and with none, in turn. */
export async function planRows(): Promise<Row[]> {
  const providers = await serveProviders();
  const workspace = await createWorkspace({ copyOf: { module: MODULE }, env: providers.env });
  try {
    await workspace.write({ "main.tf.json": rootModule({}) });
    await workspace.init();
    const none: number[] = [];
    const many: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      await workspace.write({ "main.tf.json": rootModule({}) });
      none.push(await planMs(workspace));
      await workspace.write({ "main.tf.json": rootModule({ runner_classes }) });
      many.push(await planMs(workspace));
    }
    const time = median(many);
    const ratio = (time / median(none)).toFixed(2);
    const what = `plan of ${CLASSES} classes, x none`;
    return [{ what, ratio, aim: "< 2.5", size: `${time.toFixed(0)} ms` }];
  } finally {
    await workspace.close();
    await providers.close();
  }
}

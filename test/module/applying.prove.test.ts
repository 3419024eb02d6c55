import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { applyingAs, type RecordedAccess } from "../../lab/aws/applying/applying.ts";
import { startAws } from "../../lab/aws/aws.ts";
import { realClock } from "../../lab/aws/clock.ts";
import { contentsOf } from "../../lab/aws/contents.ts";
import { createIam } from "../../lab/aws/iam/iam.ts";
import type { PolicyDocument } from "../../lab/aws/iam/policy-document.ts";
import { startGitHub } from "../../lab/github/start-github.ts";
import { serveProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace } from "../../lab/terraform/terraform.ts";
import { fencedBlocks, readProjectFile } from "../docs/markdown.ts";
import { memoryGuests } from "../lab/aws/support/memory-guests.ts";
import { EXAMPLE_VARIABLES } from "./example-variables.ts";
import { MODULE_DIR } from "./parse-module.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLES = ["github-app", "repositories", "existing-webhook", "private-network", "custom-image"];

interface Statement {
  Sid: string;
  Effect: string;
  Action: string[];
  Resource: string | string[];
  Condition?: object;
}
type Policy = PolicyDocument & { Statement: Statement[] };

/** The policy of docs/USAGE.md; the lab's account and Region are those of its examples. */
function documentedPolicy(): Policy {
  const [policy] = fencedBlocks(readProjectFile("docs/USAGE.md"), "json").filter((text) =>
    text.includes('"AskCloudControl"'),
  );
  if (policy === undefined) throw new Error("docs/USAGE.md has no policy for whoever applies");
  return JSON.parse(policy);
}

const POLICY = documentedPolicy();
const actionsOf = ({ Action }: Statement) => [Action].flat();

/** Inputs of the module beside the example's own: what a change changes. */
const override = (inputs: string) => ({
  "lab_override.tf": `module "gha_runner" {\n  github_api_url = var.github_api_url\n${inputs}}\n`,
});
const CHANGED = `  tags                         = { team = "ci" }
  runner_memory_mib            = 4096
  runner_environment           = { A = "b" }
  log_retention_days           = 30
  max_duration_seconds         = 900
  table_point_in_time_recovery = true
`;

/** Applies, changes and destroys an example with the policy; answers everything that it asked for. */
async function play(example: string, policy: Policy): Promise<readonly RecordedAccess[]> {
  const root = join("examples", example);
  const workspace = await createWorkspace({ copyOf: { module: MODULE_DIR, [root]: join(PROJECT, root) }, root });
  const github = await startGitHub({ repositories: ["my-org/shop", "my-org/api", "my-org/web"] });
  const aws = await startAws({ guests: memoryGuests(), workingDirectory: workspace.dir });
  const applying = applyingAs(aws, policy);
  const providers = await serveProviders({
    behaviours: { aws: applying.aws, awscc: applying.awscc, github: github.providers.github },
    strict: true,
    workingDirectory: workspace.dir,
  });
  try {
    workspace.setEnv(providers.env);
    const variable = 'variable "github_api_url" {\n  type = string\n}\n';
    await workspace.write({ "app.pem": github.app.privateKey, ...override("") });
    if (example !== "github-app") await workspace.write({ "lab.tf": variable });
    await workspace.setVariables({
      github_app_id: String(github.app.id),
      ...(example === "existing-webhook" ? {} : { github_app_installation_id: String(github.installationId) }),
      github_api_url: github.apiUrl,
      ...EXAMPLE_VARIABLES[example],
    });
    const change = async () => {
      await workspace.apply();
    };
    await workspace.init();
    await change();
    expect(await workspace.hasChanges()).toBe(false);
    await workspace.write(override(CHANGED));
    await change();
    if (example === "github-app") {
      await workspace.write(override("  additional_os_capabilities = []\n"));
      await change();
      await workspace.write(override("  additional_os_capabilities = []\n  runner_memory_mib = 4096\n"));
      await change();
    }
    await workspace.destroy();
    aws.iam.roles.delete("person-applying");
    expect(contentsOf(aws)).toEqual([]);
    return applying.recorded();
  } finally {
    await aws.stop();
    await github.close();
    await providers.close();
    await workspace.close();
  }
}

/** The first step of those that were played which the policy would not let pass. */
async function firstRefused(recorded: readonly RecordedAccess[], policy: Policy): Promise<string | undefined> {
  const iam = createIam({ partition: "aws", region: "eu-west-1", accountId: "123456789012" }, realClock);
  iam.roles.create({ name: "r", path: "/", trust: {} }).policies.set("p", policy);
  for (const { step, ...access } of recorded) {
    if (!(await iam.isAllowed({ roleName: "r", sessionName: "s" }, access))) return step;
  }
  return undefined;
}

describe("the policy for whoever applies", { timeout: 600_000 }, () => {
  const recorded: RecordedAccess[] = [];
  afterAll(() => {
    if (process.env.PRINT_ACCESS !== undefined) {
      const lines = new Set(recorded.map(({ action, resource }) => `${action} ${resource}`));
      console.log([...lines].sort().join("\n"));
    }
  });

  it.each(EXAMPLES)("lets the example %s be applied, changed and destroyed", async (example) => {
    recorded.push(...(await play(example, POLICY)));
  });

  it("names no action that no step needs, and tells of each that is taken away the first step that needed it", async () => {
    const actions = POLICY.Statement.flatMap((statement) =>
      actionsOf(statement).map((action) => [statement.Sid, action]),
    );
    const needed = await Promise.all(
      actions.map(async ([sid, action]) => {
        const Statement = POLICY.Statement.map((statement) =>
          statement.Sid === sid
            ? { ...statement, Action: actionsOf(statement).filter((other) => other !== action) }
            : statement,
        ).filter(({ Action }) => Action.length > 0);
        const asked = recorded.filter((access) => access.action === action);
        return [action, (await firstRefused(asked, { ...POLICY, Statement })) ?? "nothing"];
      }),
    );

    expect(needed.filter(([, step]) => step === "nothing")).toEqual([]);
    expect(Object.fromEntries(needed)).toMatchObject({
      "s3:DeleteObjectVersion": "delete aws_s3_object",
      "lambda:PassNetworkConnector": "create awscc_lambda_microvm_image",
      "cloudformation:ListResources": "look up awscc_lambda_microvm_images",
    });
  });
});

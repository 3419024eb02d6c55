import { cp, rm } from "node:fs/promises";
import { join, matchesGlob } from "node:path";
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
import { applyingPolicy, type Policy, type Statement } from "../../src/docs/applying-policy.ts";
import { readProjectFile } from "../docs/markdown.ts";
import { memoryGuests } from "../lab/aws/support/memory-guests.ts";
import { EXAMPLE_VARIABLES, EXAMPLES } from "./example-variables.ts";
import { MODULE_DIR } from "./parse-module.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const RELEASED = join(PROJECT, "test/fixtures/release-7a2404e");
const ROLE_PATH = "/ci/runners/";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";
const ALL: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};
/** IAM decides, and CloudWatch Logs may use it. */
const KEY_POLICY: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*", Resource: "*" },
    { Effect: "Allow", Principal: { Service: "logs.eu-west-1.amazonaws.com" }, Action: "kms:*", Resource: "*" },
  ],
};

const POLICY = applyingPolicy(readProjectFile("docs/USAGE.md"));
/** These make a topic or a key beside the module, which whoever has such things may make. */
const BEYOND = new Set(["alarms", "own-key"]);
const actionsOf = ({ Action }: Statement) => [Action].flat();

/** What the documentation adds to the policy where the customer has a key. */
function documentedKeyUse(): Statement {
  const [, sentence = ""] = /Whoever applies needs\s([^;]*) on it;/.exec(readProjectFile("docs/USAGE.md")) ?? [];
  const Action = [...sentence.matchAll(/`(kms:\w+\*?)`/g)].map(([, action = ""]) => action);
  return { Sid: "UseTheKey", Effect: "Allow", Action, Resource: KEY };
}
const WITH_KEY: Policy = { ...POLICY, Statement: [...POLICY.Statement, documentedKeyUse()] };

/** The policy for roles in a path. */
const inPath = (policy: Policy): Policy =>
  JSON.parse(JSON.stringify(policy).replaceAll(":role/gha-microvm-", `:role${ROLE_PATH}gha-microvm-`));

/** A change of the module's inputs beside the example's own, and how it is applied. */
interface Step {
  inputs: string;
  args?: string[];
  /** The generated module takes the place of the one that was applied. */
  upgrade?: boolean;
}
interface Play {
  example: string;
  policy: Policy;
  steps: readonly Step[];
  module?: string;
}

const override = (inputs: string) => ({
  "lab_override.tf": `module "gha_runner" {\n  github_api_url = var.github_api_url\n${inputs}}\n`,
});
const CHANGED: Step = {
  inputs: `  tags                         = { team = "ci" }
  runner_memory_mib            = 4096
  runner_environment           = { A = "b" }
  log_retention_days           = 30
  max_duration_seconds         = 900
  table_point_in_time_recovery = true
`,
};
const STACK = "  additional_os_capabilities = []\n";
const OTHER_IMAGE: Step[] = [{ inputs: STACK }, { inputs: `${STACK}  runner_memory_mib = 4096\n` }];
const BOUND = `  permissions_boundary = "${BOUNDARY}"\n`;
const KEYED = `  kms_key_arn = "${KEY}"\n`;
const VARIANTS: Step[] = [
  { inputs: "", upgrade: true },
  { inputs: '  image_refresh = { mode = "watch", hours_utc = [3] }\n  webhook_secret_generation = 2\n' },
  { inputs: `  alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:alerts"]\n  dispatcher_concurrency = 5\n${BOUND}` },
  { inputs: KEYED },
  { inputs: `${KEYED}${STACK}` },
  {
    inputs: "",
    args: ["aws_dynamodb_table.jobs", "random_id.artifact"].map((address) => `-replace=module.gha_runner.${address}`),
  },
];

/** Applies an example with the policy, changes it step by step and destroys it; answers everything that was asked for. */
async function play({ example, policy, steps, module = MODULE_DIR }: Play): Promise<readonly RecordedAccess[]> {
  const root = join("examples", example);
  const workspace = await createWorkspace({ copyOf: { module, [root]: join(PROJECT, root) }, root });
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
    aws.iam.managedPolicies.set(BOUNDARY, ALL);
    aws.iam.resourcePolicies.set(KEY, KEY_POLICY);
    const variable = 'variable "github_api_url" {\n  type = string\n}\n';
    await workspace.write({ "app.pem": github.app.privateKey });
    if (example !== "github-app") await workspace.write({ "lab.tf": variable });
    await workspace.setVariables({
      github_app_id: String(github.app.id),
      ...(example === "existing-webhook" ? {} : { github_app_installation_id: String(github.installationId) }),
      github_api_url: github.apiUrl,
      ...EXAMPLE_VARIABLES[example],
    });
    const first: Step = { inputs: module === MODULE_DIR ? (steps[0]?.inputs ?? "") : "" };
    for (const { inputs, args = [], upgrade = false } of [first, ...steps]) {
      if (upgrade) {
        const applied = join(workspace.dir, "../../module");
        await rm(applied, { recursive: true });
        await cp(MODULE_DIR, applied, { recursive: true });
      }
      await workspace.write(override(inputs));
      await workspace.init();
      await workspace.apply(...args);
      expect(await workspace.hasChanges(), inputs).toBe(false);
    }
    await workspace.destroy();
    aws.iam.roles.delete("person-applying");
    aws.iam.managedPolicies.delete(BOUNDARY);
    aws.iam.resourcePolicies.delete(KEY);
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

  it.each(EXAMPLES.filter((name) => !BEYOND.has(name)))(
    "lets the example %s be applied, changed and destroyed",
    async (example) => {
      const steps = [{ inputs: "" }, CHANGED, ...(example === "github-app" ? OTHER_IMAGE : [])];
      recorded.push(...(await play({ example, policy: POLICY, steps })));
    },
  );

  it("lets an earlier release be upgraded, watched, bounded, given a key and freed of it", async () => {
    const asked = await play({ example: "github-app", policy: WITH_KEY, steps: VARIANTS, module: RELEASED });
    recorded.push(...asked);
  });

  it("lets roles stand in a path, once it names the path", async () => {
    const steps = [{ inputs: `  role_path = "${ROLE_PATH}"\n${BOUND}` }];
    await play({ example: "github-app", policy: inPath(POLICY), steps });
    await expect(play({ example: "github-app", policy: POLICY, steps })).rejects.toThrow("iam:CreateRole");
  });

  it("names no action that no step needs, and tells of each that is taken away the first step that needed it", async () => {
    const actions = WITH_KEY.Statement.flatMap((statement) =>
      actionsOf(statement).map((action) => [statement.Sid, action]),
    );
    const needed = await Promise.all(
      actions.map(async ([sid, action]) => {
        const Statement = WITH_KEY.Statement.map((statement) =>
          statement.Sid === sid
            ? { ...statement, Action: actionsOf(statement).filter((other) => other !== action) }
            : statement,
        ).filter(({ Action }) => Action.length > 0);
        const asked = recorded.filter((access) => matchesGlob(access.action, action ?? ""));
        return [action, (await firstRefused(asked, { ...WITH_KEY, Statement })) ?? "nothing"];
      }),
    );

    expect(needed.filter(([, step]) => step === "nothing")).toEqual([]);
    expect(Object.fromEntries(needed)).toMatchObject({
      "s3:DeleteObjectVersion": "delete aws_s3_object",
      "lambda:PassNetworkConnector": "create awscc_lambda_microvm_image",
      "cloudformation:ListResources": "look up awscc_lambda_microvm_images",
      "iam:DeleteRolePermissionsBoundary": "update aws_iam_role",
      "kms:ReEncrypt*": "update aws_dynamodb_table",
      "lambda:UpdateFunctionCode": "update aws_lambda_function",
    });
  });
});

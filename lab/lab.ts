import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LAB_ACCOUNT } from "./aws/account.ts";
import { type LabAws, startAws } from "./aws/aws.ts";
import type { MicrovmOptions } from "./aws/microvms/service.ts";
import type { QueueSpeeds } from "./aws/storage/sqs-service.ts";
import { type GitHubOptions, type LabGitHub, startGitHub } from "./github/start-github.ts";
import { loggedSecrets } from "./logged-secrets.ts";
import { createProcessGuests, type ProcessGuestOptions } from "./runner/guest.ts";
import { serveProviders } from "./terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "./terraform/terraform.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

export interface LabOptions extends QueueSpeeds {
  /** Folder below `examples/` that Terraform applies. */
  example?: string;
  /** Where it is applied; `eu-west-1`. */
  region?: string;
  /** Folder of the module that the example calls; the generated one when absent. */
  module?: string;
  /** Input variables of the example, beside those that point it at the simulated GitHub. */
  variables?: Record<string, unknown>;
  /** Files written over the example's own. */
  files?: Record<string, string>;
  github?: Partial<GitHubOptions>;
  guests?: ProcessGuestOptions;
  microvms?: MicrovmOptions;
  /** Stands between Terraform's providers and the account, as rights do; nothing when absent. */
  hold?(aws: LabAws): LabAws["providers"];
}

/** An account and a GitHub on this machine, and a copy of an example for Terraform to apply between them. */
export interface Lab {
  aws: LabAws;
  github: LabGitHub;
  terraform: Workspace;
  /** What a program needs in its environment to use this lab's providers. */
  providerEnv: Record<string, string>;
  /** Ends everything; throws when one of the logs holds a secret of this run. */
  stop(): Promise<void>;
}

/** Starts a lab in which nothing is applied yet; throws when `terraform` is not on the PATH. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const example = join("examples", options.example ?? "github-app");
  const terraform = await createWorkspace({
    copyOf: { module: options.module ?? join(PROJECT, "module"), [example]: join(PROJECT, example) },
    root: example,
  });
  const github = await startGitHub({ repositories: ["my-org/shop"], ...options.github });
  const aws = await startAws({
    guests: createProcessGuests(options.guests),
    workingDirectory: terraform.dir,
    ...(options.region ? { account: { ...LAB_ACCOUNT, region: options.region } } : {}),
    ...(options.microvms ? { microvms: options.microvms } : {}),
    ...(options.delaySpeed ? { delaySpeed: options.delaySpeed } : {}),
    ...(options.visibilitySpeed ? { visibilitySpeed: options.visibilitySpeed } : {}),
  });
  const { aws: awsProvider, awscc } = options.hold?.(aws) ?? aws.providers;
  const providers = await serveProviders({
    behaviours: { aws: awsProvider, awscc, github: github.providers.github },
    strict: true,
    account: aws.account.accountId,
    region: aws.account.region,
    workingDirectory: terraform.dir,
  });
  terraform.setEnv(providers.env);
  await terraform.write({ "app.pem": github.app.privateKey, ...options.files });
  await terraform.setVariables({
    region: aws.account.region,
    github_organization: "my-org",
    github_app_id: String(github.app.id),
    github_app_installation_id: String(github.installationId),
    github_api_url: github.apiUrl,
    ...options.variables,
  });
  return {
    aws,
    github,
    terraform,
    providerEnv: providers.env,
    async stop() {
      await aws.stop();
      const logged = loggedSecrets(aws, github);
      await github.close();
      await providers.close();
      await terraform.close();
      if (logged.length > 0) throw new Error(`the logs hold ${logged.join(", ")}`);
    },
  };
}

import type { GitHubOptions } from "../../../lab/github/start-github.ts";

/** A way to set up, and what stands in the account and in `main.tf` for it. */
export interface Way {
  name: string;
  github?: Partial<GitHubOptions>;
  owner?: string;
  repository?: string;
  args: readonly string[];
  permissions: Record<string, string>;
  main: RegExp[];
}

const RUNNERS = { actions: "read", administration: "write", metadata: "read" };

export const WAYS: readonly Way[] = [
  {
    name: "an organization",
    args: [],
    permissions: { ...RUNNERS, organization_hooks: "write" },
    main: [/ephemeral "aws_ssm_parameter"/, /github_organization\s+= "my-org"/],
  },
  {
    name: "some repositories",
    args: ["--repositories", "shop"],
    permissions: { ...RUNNERS, repository_hooks: "write" },
    main: [/github_repositories\s+= \["my-org\/shop"\]/],
  },
  {
    name: "a user",
    github: { repositories: ["octocat/site"], users: ["octocat"], visitor: { login: "octocat" } },
    owner: "octocat",
    repository: "octocat/site",
    args: ["--repositories", "site"],
    permissions: { ...RUNNERS, repository_hooks: "write" },
    main: [/owner\s+= "octocat"/, /github_repositories\s+= \["octocat\/site"\]/],
  },
  {
    name: "a runner group",
    github: { runnerGroups: [{ id: 7, name: "microvms" }] },
    args: ["--runner-group", "7"],
    permissions: {
      actions: "read",
      metadata: "read",
      organization_hooks: "write",
      organization_self_hosted_runners: "write",
    },
    main: [/runner_group_id\s+= 7/],
  },
  {
    name: "the App's own webhook",
    args: ["--webhook", "app"],
    permissions: RUNNERS,
    main: [/manage_webhooks\s+= false/, /provider "github" \{\n\s+owner/],
  },
  {
    name: "a GitHub Enterprise Server",
    github: { ghes: true },
    args: [],
    permissions: { ...RUNNERS, organization_hooks: "write" },
    main: [/base_url = "http:\/\/127\.0\.0\.1:\d+\/"/, /github_api_url\s+= "http:\/\/127\.0\.0\.1:\d+\/api\/v3"/],
  },
  {
    name: "a secret of Secrets Manager",
    args: ["--key", "secretsmanager"],
    permissions: { ...RUNNERS, organization_hooks: "write" },
    main: [/ephemeral "aws_secretsmanager_secret_version"/, /secretsmanager_secret_arn\s+= "arn:aws:secretsmanager:/],
  },
  {
    name: "a KMS key",
    args: ["--key", "kms", "--webhook", "app"],
    permissions: RUNNERS,
    main: [/kms_signing_key_arn\s+= "arn:aws:kms:/],
  },
];

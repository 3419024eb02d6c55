import type { Access } from "./apps.ts";

/**
 * Who may call an operation: the App itself by its JWT, or an installation with a permission on the repository or
 * account.
 */
export type Need =
  | { by: "app" }
  | { by: "installation"; on: "repository" | "organization"; permission: string; access: Access }
  | { by: "installation"; on: "itself" }
  /** A user who is signed in; installations and Apps are none. */
  | { by: "user" }
  | { by: "anyone" };

const repository = (permission: string, access: Access): Need => ({
  by: "installation",
  on: "repository",
  permission,
  access,
});
const organization = (permission: string, access: Access): Need => ({
  by: "installation",
  on: "organization",
  permission,
  access,
});

/**
 * By operation id, from "Permissions required for GitHub Apps" of GitHub's REST documentation; the OpenAPI description
 * does not say.
 */
export const NEEDS: Record<string, Need> = {
  "apps/get-authenticated": { by: "app" },
  "apps/create-from-manifest": { by: "anyone" },
  "apps/delete-installation": { by: "app" },
  "apps/get-user-installation": { by: "app" },
  "apps/list-installation-requests-for-authenticated-app": { by: "app" },
  "apps/get-webhook-config-for-app": { by: "app" },
  "apps/update-webhook-config-for-app": { by: "app" },
  "apps/list-webhook-deliveries": { by: "app" },
  "apps/get-webhook-delivery": { by: "app" },
  "apps/redeliver-webhook-delivery": { by: "app" },
  "apps/list-installations": { by: "app" },
  "apps/get-installation": { by: "app" },
  "apps/create-installation-access-token": { by: "app" },
  "apps/get-org-installation": { by: "app" },
  "apps/get-repo-installation": { by: "app" },
  "apps/list-repos-accessible-to-installation": { by: "installation", on: "itself" },
  "apps/revoke-installation-access-token": { by: "installation", on: "itself" },
  "rate-limit/get": { by: "anyone" },
  "users/get-authenticated": { by: "user" },
  "users/get-by-username": { by: "anyone" },
  "repos/get": repository("metadata", "read"),
  "actions/generate-runner-jitconfig-for-repo": repository("administration", "write"),
  "actions/list-self-hosted-runners-for-repo": repository("administration", "read"),
  "actions/get-self-hosted-runner-for-repo": repository("administration", "read"),
  "actions/delete-self-hosted-runner-from-repo": repository("administration", "write"),
  "actions/generate-runner-jitconfig-for-org": organization("organization_self_hosted_runners", "write"),
  "actions/list-self-hosted-runners-for-org": organization("organization_self_hosted_runners", "read"),
  "actions/get-self-hosted-runner-for-org": organization("organization_self_hosted_runners", "read"),
  "actions/delete-self-hosted-runner-from-org": organization("organization_self_hosted_runners", "write"),
  "actions/list-self-hosted-runner-groups-for-org": organization("organization_self_hosted_runners", "read"),
  "actions/list-runner-applications-for-repo": repository("administration", "read"),
  "actions/list-runner-applications-for-org": organization("organization_self_hosted_runners", "read"),
  "actions/get-runner-deprecation-for-repo": repository("administration", "read"),
  "actions/get-runner-deprecation-for-org": organization("organization_self_hosted_runners", "read"),
  "actions/get-job-for-workflow-run": repository("actions", "read"),
  "actions/list-jobs-for-workflow-run": repository("actions", "read"),
  "actions/list-workflow-runs-for-repo": repository("actions", "read"),
  "actions/get-workflow-run": repository("actions", "read"),
  "actions/cancel-workflow-run": repository("actions", "write"),
  "actions/re-run-job-for-workflow-run": repository("actions", "write"),
  "repos/list-webhooks": repository("repository_hooks", "read"),
  "repos/create-webhook": repository("repository_hooks", "write"),
  "repos/update-webhook": repository("repository_hooks", "write"),
  "repos/delete-webhook": repository("repository_hooks", "write"),
  "repos/get-webhook": repository("repository_hooks", "read"),
  "repos/list-webhook-deliveries": repository("repository_hooks", "read"),
  "repos/get-webhook-delivery": repository("repository_hooks", "read"),
  "repos/redeliver-webhook-delivery": repository("repository_hooks", "write"),
  "orgs/list-webhooks": organization("organization_hooks", "read"),
  "orgs/create-webhook": organization("organization_hooks", "write"),
  "orgs/update-webhook": organization("organization_hooks", "write"),
  "orgs/delete-webhook": organization("organization_hooks", "write"),
  "orgs/get-webhook": organization("organization_hooks", "read"),
  "orgs/list-webhook-deliveries": organization("organization_hooks", "read"),
  "orgs/get-webhook-delivery": organization("organization_hooks", "read"),
  "orgs/redeliver-webhook-delivery": organization("organization_hooks", "write"),
};

import { lifecycleOf, ORGANIZATION_WEBHOOK } from "./lifecycle.ts";
import { GOOD_CALL } from "./open-module.ts";

lifecycleOf([
  {
    what: "two repository webhooks",
    inputs: { github_organization: undefined, github_repositories: ["my-org/one", "my-org/two"] },
    webhooks: ["github_repository_webhook.runner", "github_repository_webhook.runner"],
    repositories: ["one", "two"],
  },
  {
    what: "webhooks left to the user",
    inputs: { manage_webhooks: false, github_app: { ...Object(GOOD_CALL.github_app), installation_id: null } },
    webhooks: [],
  },
  {
    what: "a GitHub Enterprise Server",
    inputs: { github_api_url: "https://github.example.com/api/v3" },
    webhooks: ORGANIZATION_WEBHOOK,
    dispatcher: { GH_API_URL: "https://github.example.com/api/v3" },
  },
  {
    what: "a pinned image version",
    inputs: { image_version: "3.0" },
    webhooks: ORGANIZATION_WEBHOOK,
    dispatcher: { IMAGE_VERSION: "3.0" },
  },
]);

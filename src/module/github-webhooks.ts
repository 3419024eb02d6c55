import { OrganizationWebhook } from "@cdktf/provider-github/lib/organization-webhook/index.js";
import { RepositoryWebhook } from "@cdktf/provider-github/lib/repository-webhook/index.js";
import { Construct } from "constructs";
import { and, call, conditional, equal, ref } from "../hcl/build.ts";
import { explain } from "../synth/explain.ts";
import { asAny, asNumber, asString } from "../synth/hcl-token.ts";
import { input } from "./reference.ts";
import type { Secret } from "./secret.ts";
import type { Webhook } from "./webhook.ts";

export interface GithubWebhooksProps {
  readonly secret: Secret;
  readonly webhook: Webhook;
}

/** GitHub's side: the webhooks that tell of jobs, of the organization or of each repository. */
export class GithubWebhooks extends Construct {
  /** Address of the organization's webhook, of which there are one or none. */
  readonly organizationAddress: string;
  /** Address of the repositories' webhooks, by `owner/name`. */
  readonly repositoriesAddress: string;

  constructor(scope: Construct, id: string, { secret, webhook }: GithubWebhooksProps) {
    super(scope, id);
    const events = ["workflow_job"];
    const configuration = {
      url: webhook.url.functionUrl,
      contentType: "json",
      insecureSsl: false,
      secret: asString(ref("local.webhook_secrets[0]")),
    };
    // GitHub sends a ping as soon as the webhook exists, which the function can verify only with its rights in place. A
    // new secret is used only when both parameters hold it and the function has started afresh.
    const dependsOn = [webhook.parts.policy, webhook.parts.lambda, secret.webhook, secret.dispatcher];
    const organization = new OrganizationWebhook(this, "organization.runner", {
      count: asNumber(
        conditional(and(input("manage_webhooks"), equal(call("length", input("github_repositories")), 0)), 1, 0),
      ),
      events,
      configuration,
      dependsOn,
    });
    const repositories = explain(
      new RepositoryWebhook(this, "repository.runner", {
        repository: asString(call("element", call("split", "/", ref("each.value")), 1)),
        events,
        configuration,
        dependsOn,
      }),
      "The provider wants the repository's name without its owner, which is the provider's own.",
    );
    repositories.addOverride(
      "for_each",
      asAny(call("toset", conditional(input("manage_webhooks"), input("github_repositories"), []))),
    );
    this.organizationAddress = `${organization.terraformResourceType}.${organization.friendlyUniqueId}`;
    this.repositoriesAddress = `${repositories.terraformResourceType}.${repositories.friendlyUniqueId}`;
  }
}

import type { ProviderRules, TypeRules } from "../type-rules.ts";
import { digits } from "./aws/arn.ts";
import { matches, oneOf } from "./checks.ts";

const webhook: TypeRules = {
  defaults: { active: true, "configuration.insecure_ssl": false },
  checks: {
    "configuration.content_type": oneOf("form", "json"),
    "configuration.url": matches(/^https?:\/\/\S+$/, "an http or https URL"),
  },
  volatile: ["etag"],
};

/** What integrations/github 6 does beyond its schema. */
export const githubRules: ProviderRules = {
  types: {
    github_organization_webhook: {
      ...webhook,
      computed: {
        id: (_values, _context, unique) => digits(unique, 9),
        url: ({ id }, { owner }) => `https://api.github.com/orgs/${owner}/hooks/${String(id)}`,
        etag: (_values, _context, unique) => `W/"${unique}"`,
      },
    },
    github_repository_webhook: {
      ...webhook,
      checks: {
        ...webhook.checks,
        // The provider puts its owner before it; with a slash it would ask GitHub for a path that does not exist.
        repository: matches(/^[\w.-]{1,100}$/, "the name alone, without the owner"),
      },
      replacedBy: ["repository"],
      computed: {
        id: (_values, _context, unique) => digits(unique, 9),
        url: ({ id, repository }, { owner }) =>
          `https://api.github.com/repos/${owner}/${String(repository)}/hooks/${String(id)}`,
        etag: (_values, _context, unique) => `W/"${unique}"`,
      },
    },
  },
  dataSources: () => ({}),
  legacy: true,
};

/** Terraform versions that the module runs on. */
export const REQUIRED_VERSION = ">= 1.9.0";

/** The documented providers. Those that no resource uses are documented too, so that a later use asks nothing new. */
export const REQUIRED_PROVIDERS = {
  archive: { source: "hashicorp/archive", version: ">= 2.4" },
  aws: { source: "hashicorp/aws", version: ">= 6.0, < 7.0" },
  awscc: { source: "hashicorp/awscc", version: ">= 1.0" },
  github: { source: "integrations/github", version: ">= 6.2" },
  random: { source: "hashicorp/random", version: ">= 3.6" },
} as const;

/** Terraform versions that the module runs on. */
export const REQUIRED_VERSION = ">= 1.9.0";

/** The documented providers. Those that no resource uses are documented too, so that a later use asks nothing new. */
export const REQUIRED_PROVIDERS = {
  archive: { source: "hashicorp/archive", version: ">= 2.4" },
  // 6.19 knows nodejs24.x; from 6.29 on a function URL gets both statements that it needs to answer.
  aws: { source: "hashicorp/aws", version: ">= 6.29, < 7.0" },
  // The first release that has the MicroVM image.
  awscc: { source: "hashicorp/awscc", version: ">= 1.90" },
  github: { source: "integrations/github", version: ">= 6.2" },
  random: { source: "hashicorp/random", version: ">= 3.6" },
} as const;

import type { Problem, Values } from "../behaviour.ts";
import { awsDataSources } from "../data-sources.ts";
import { hasUnknown, isObject, type PlanValues, Unknown } from "../dynamic-value.ts";
import type { ProviderContext, ProviderRules } from "../type-rules.ts";
import { identityRules } from "./aws/identity.ts";
import { lambdaRules } from "./aws/lambda.ts";
import { messagingRules } from "./aws/messaging.ts";
import { storageRules } from "./aws/storage.ts";

/** Every type that takes a region or tags gets them as from version 6 of the provider. */
function planCommon(planned: PlanValues, { region, defaultTags }: ProviderContext): PlanValues {
  const common: PlanValues = {};
  if ("region" in planned && (planned.region === null || planned.region instanceof Unknown)) common.region = region;
  if ("tags_all" in planned && "tags" in planned) {
    const tags = planned.tags ?? null;
    const defaults = overridesDefaultTags(planned) ? {} : defaultTags;
    common.tags_all = hasUnknown(tags) ? new Unknown() : { ...defaults, ...(isObject(tags) ? tags : {}) };
  }
  return common;
}

/** An S3 object takes ten tags only, so it may do without the provider's default ones. */
function overridesDefaultTags({ override_provider: blocks }: PlanValues): boolean {
  const [block] = Array.isArray(blocks) ? blocks : [];
  return isObject(block) && Array.isArray(block.default_tags) && block.default_tags.length > 0;
}

function tagProblems(config: Values): Problem[] {
  const { tags } = config;
  if (!isObject(tags)) return [];
  const problem = (detail: string): Problem[] => [{ summary: "Invalid tags", detail, attribute: ["tags"] }];
  if (Object.keys(tags).length > 50) return problem("A resource takes no more than 50 tags.");
  return Object.entries(tags).flatMap(([key, value]) => {
    if (key.length < 1 || key.length > 128) return problem(`The key "${key}" must have 1 to 128 characters.`);
    if (key.toLowerCase().startsWith("aws:")) return problem(`The key "${key}" must not begin with aws:.`);
    if (typeof value === "string" && value.length > 256)
      return problem(`The value of "${key}" is longer than 256 characters.`);
    return [];
  });
}

/** What hashicorp/aws 6 does beyond its schema. */
export const awsRules: ProviderRules = {
  types: { ...identityRules, ...lambdaRules, ...messagingRules, ...storageRules },
  dataSources: awsDataSources,
  legacy: true,
  common: {
    plan: planCommon,
    validate: tagProblems,
    replacedBy: ["region"],
    computed: { region: (_values, { region }) => region },
  },
};

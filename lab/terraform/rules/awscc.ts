import { ProviderError, type Value, type Values } from "../behaviour.ts";
import { isObject } from "../dynamic-value.ts";
import type { Attribute, Schema } from "../schema.ts";
import type { ProviderRules } from "../type-rules.ts";
import { each, matches, oneOf } from "./checks.ts";

/**
 * What Cloud Control is sent of a planned resource: the provider leaves out every property that is null, every set,
 * list and map without elements, and every object that is empty once its properties are left out
 * (terraform-provider-awscc, internal/generic/translate.go, `rawFromValue`). Names stay those of Terraform.
 */
export function cloudControlRequest(planned: Values): Values {
  const request = compact(planned);
  return isObject(request) ? request : {};
}

function compact(value: Value): Value | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const items = value.map(compact).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, each]): [string, Value][] => {
    const kept = compact(each);
    return kept === undefined ? [] : [[name, kept]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function missingKeys(attributes: Record<string, Attribute>, request: Values, path: string): string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = request[name];
    if (value === undefined)
      return attribute.required ? [`#${path}: required key [${propertyName(name)}] not found`] : [];
    const nested = attribute.nested_type;
    if (nested === undefined) return [];
    const items = Array.isArray(value) ? value : [value];
    return items.flatMap((item, index) => {
      const at = Array.isArray(value) ? `${path}/${propertyName(name)}/${index}` : `${path}/${propertyName(name)}`;
      return isObject(item) ? missingKeys(nested.attributes, item, at) : [];
    });
  });
}

/** `minimum_memory_in_mi_b` is `MinimumMemoryInMiB` to Cloud Control; CloudWatch alone is one word to Terraform. */
function propertyName(name: string): string {
  if (name === "cloudwatch") return "CloudWatch";
  return name.replace(/(^|_)([a-z0-9])/g, (_match, _underscore, letter: string) => letter.toUpperCase());
}

function request(schema: Schema, planned: Values): Values {
  const sent = cloudControlRequest(planned);
  const missing = missingKeys(schema.block.attributes ?? {}, sent, "");
  if (missing.length > 0) {
    throw new ProviderError(
      `AWS SDK Go Service Operation Incomplete: Waiting for Cloud Control API service operation completion returned: ` +
        `waiter state transitioned to FAILED. StatusMessage: Model validation failed (${missing.join(", ")}). ErrorCode: InvalidRequest`,
    );
  }
  return sent;
}

/**
 * A list has the Region of the provider for its id (terraform-provider-awscc, internal/generic/plural_data_source.go).
 */
export function listOf(region: string, ids: string[]): Values {
  return { id: region, ids };
}

const hookState = oneOf("ENABLED", "DISABLED");

/** What hashicorp/awscc does beyond its schema. */
export const awsccRules: ProviderRules = {
  types: {
    awscc_lambda_microvm_image: {
      checks: {
        "cpu_configurations.architecture": oneOf("ARM_64"),
        additional_os_capabilities: (value, name) =>
          Array.isArray(value)
            ? value.map((item) => oneOf("ALL")(item, name)).find((problem) => problem !== undefined)
            : undefined,
        name: matches(/^[a-zA-Z0-9-_]{1,64}$/, "1 to 64 letters, digits, hyphens and underscores"),
        ...Object.fromEntries(
          ["run", "resume", "suspend", "terminate"].map((hook) => [`hooks.microvm_hooks.${hook}`, hookState]),
        ),
        "hooks.microvm_image_hooks.ready": hookState,
        "hooks.microvm_image_hooks.validate": hookState,
      },
      replacedBy: ["name"],
      computed: {
        image_arn: ({ name }, { account, partition, region }) =>
          `arn:${partition}:lambda:${region}:${account}:microvm-image:${String(name)}`,
        id: ({ image_arn: arn }) => arn ?? null,
        state: () => "CREATED",
        latest_active_image_version: () => "1.0",
        latest_failed_image_version: () => null,
        created_at: () => new Date().toISOString(),
        updated_at: () => new Date().toISOString(),
      },
    },
    awscc_lambda_network_connector: {
      checks: {
        name: matches(/^[a-zA-Z0-9-_]{1,64}$/, "1 to 64 letters, digits, hyphens and underscores"),
        "configuration.vpc_egress_configuration.network_protocol": oneOf("IPv4", "DualStack"),
        "configuration.vpc_egress_configuration.associated_compute_resource_types": each(oneOf("MicroVm")),
      },
      replacedBy: ["name"],
      computed: {
        name: (_values, _context, unique) => `connector-${unique.slice(0, 12)}`,
        arn: ({ name }, { account, partition, region }) =>
          `arn:${partition}:lambda:${region}:${account}:network-connector:${String(name)}`,
        id: ({ arn }) => arn ?? null,
        state: () => "ACTIVE",
      },
    },
  },
  dataSources: ({ region }) => ({
    awscc_lambda_microvm_image: { read: ({ id }) => ({ image_arn: id ?? null, latest_active_image_version: "1.0" }) },
    awscc_lambda_microvm_images: { read: () => listOf(region, []) },
  }),
  legacy: false,
  request,
};

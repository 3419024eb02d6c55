import {
  type DataSourceBehaviour,
  ProviderError,
  type ResourceBehaviour,
  type Values,
} from "../../terraform/behaviour.ts";
import { listOf } from "../../terraform/rules/awscc.ts";
import type { Account } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import { type Image, latestActiveVersion } from "../microvms/image.ts";
import type { Images } from "../microvms/images.ts";
import { number, object, objects, text, texts } from "./values.ts";

/** Properties that the CloudFormation schema asks for; missing keys are refused (microvm-platform 4.1). */
const REQUIRED: Record<string, string> = {
  additional_os_capabilities: "AdditionalOsCapabilities",
  base_image_arn: "BaseImageArn",
  base_image_version: "BaseImageVersion",
  build_role_arn: "BuildRoleArn",
  code_artifact: "CodeArtifact",
  cpu_configurations: "CpuConfigurations",
  description: "Description",
  egress_network_connectors: "EgressNetworkConnectors",
  environment_variables: "EnvironmentVariables",
  hooks: "Hooks",
  logging: "Logging",
  name: "Name",
  resources: "Resources",
};

/** AWS::Lambda::MicrovmImage through Cloud Control, as hashicorp/awscc uses it. */
export function microvmImageResources(images: Images): Record<string, ResourceBehaviour> {
  return {
    awscc_lambda_microvm_image: {
      // Nothing is volatile: every computed attribute has UseStateForUnknown, and an update's new state is its plan
      // (terraform-provider-awscc, internal/aws/lambda/microvm_image_resource_gen.go; internal/generic/resource.go,
      // Update). What changed is told by the next refresh.
      replacedBy: ["name"],
      async create(planned) {
        const body = requestOf(planned);
        const { image, settled } = await images
          .create({ ...body, name: text(planned, "name") })
          .catch((error: unknown) => {
            // Cloud Control has its own words for a name that was used before (microvm-platform 4.1).
            const taken = error instanceof AwsError && error.message.includes("already exists");
            throw failed(taken ? "null already exists." : messageOf(error), taken ? "AlreadyExists" : "InvalidRequest");
          });
        await settled;
        // Of an image that there is, the id alone goes into the state, "so that the resource will be marked as tainted"
        // (terraform-provider-awscc, internal/generic/resource.go, Create).
        requireStable(image, { id: image.arn });
        return attributesOf(image);
      },
      read(state) {
        const image = images.find(text(state, "id"));
        return image === undefined ? null : attributesOf(image);
      },
      async update(planned, prior) {
        const body = requestOf(planned);
        const { image, settled } = await images.update(text(prior, "id"), body).catch((error: unknown) => {
          throw failed(messageOf(error), "InvalidRequest");
        });
        await settled;
        requireStable(image);
        return attributesOf(image);
      },
      delete(state) {
        try {
          images.delete(text(state, "id"));
        } catch (error: unknown) {
          throw failed(messageOf(error), "ResourceConflict");
        }
      },
    },
  };
}

/**
 * The data source, which asks the service when it is read (terraform-provider-awscc,
 * internal/generic/singular_data_source.go).
 */
export function microvmImageDataSources({ region }: Account, images: Images): Record<string, DataSourceBehaviour> {
  return {
    awscc_lambda_microvm_images: {
      read: () =>
        listOf(
          region,
          images.all().map(({ arn }) => arn),
        ),
    },
    awscc_lambda_microvm_image: {
      read({ id }) {
        const image = images.find(String(id));
        // internal/generic/diagnostic.go, `DataSourceAttrErrorDiag` and its neighbours.
        if (image === undefined)
          throw new ProviderError(
            `After attempting to read the resource, the API returned a resource not found error for the id provided. Original Error: ${String(id)}`,
          );
        const { id: _arn, ...attributes } = attributesOf(image);
        return attributes;
      },
    },
  };
}

function requestOf(planned: Values): Record<string, unknown> {
  const missing = Object.entries(REQUIRED)
    .filter(([name]) => isEmpty(planned[name]))
    .map(([, property]) => `#: required key [${property}] not found`);
  if (missing.length > 0) throw failed(`Model validation failed (${missing.join(", ")})`, "InvalidRequest");
  const hooks = object(planned, "hooks");
  const logging = object(planned, "logging");
  const cloudwatch = object(logging, "cloudwatch");
  return {
    baseImageArn: text(planned, "base_image_arn"),
    baseImageVersion: text(planned, "base_image_version"),
    buildRoleArn: text(planned, "build_role_arn"),
    codeArtifact: { uri: text(object(planned, "code_artifact"), "uri") },
    description: text(planned, "description"),
    additionalOsCapabilities: texts(planned, "additional_os_capabilities"),
    egressNetworkConnectors: texts(planned, "egress_network_connectors"),
    cpuConfigurations: objects(planned, "cpu_configurations").map((cpu) => ({
      architecture: text(cpu, "architecture"),
    })),
    resources: objects(planned, "resources").map((each) => ({
      minimumMemoryInMiB: number(each, "minimum_memory_in_mi_b", 0),
    })),
    environmentVariables: Object.fromEntries(
      objects(planned, "environment_variables").map((each) => [text(each, "key"), text(each, "value")]),
    ),
    tags: Object.fromEntries(objects(planned, "tags").map((each) => [text(each, "key"), text(each, "value")])),
    hooks: {
      ...(typeof hooks.port === "number" ? { port: hooks.port } : {}),
      microvmHooks: camelCased(object(hooks, "microvm_hooks")),
      microvmImageHooks: camelCased(object(hooks, "microvm_image_hooks")),
    },
    ...(logging.disabled === true || Object.keys(cloudwatch).length === 0
      ? { logging: { disabled: {} } }
      : { logging: { cloudWatch: camelCased(cloudwatch) } }),
  };
}

/** The provider leaves empty sets out of its request, so that they count as missing (microvm-platform 4.2). */
function isEmpty(value: Values[string] | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.length === 0;
}

function camelCased(values: Values): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

// What is wrong stands in the builds and the log only (microvm-platform 4.1); the lab adds it, in brackets.
function requireStable(image: Image, left?: Values): void {
  if (image.state === "CREATED" || image.state === "UPDATED") return;
  const reason = image.versions.at(-1)?.builds[0]?.stateReason ?? "unknown";
  throw failed(`Resource stabilization failed; image state ${image.state} (build: ${reason})`, "NotStabilized", left);
}

function attributesOf(image: Image): Values {
  return {
    id: image.arn,
    image_arn: image.arn,
    name: image.name,
    state: image.state,
    created_at: new Date(image.createdAt).toISOString(),
    updated_at: new Date(image.updatedAt).toISOString(),
    latest_active_image_version: latestActiveVersion(image)?.version ?? null,
    latest_failed_image_version: image.latestFailed ?? null,
  };
}

function failed(message: string, code: string, left?: Values): ProviderError {
  return new ProviderError(
    `AWS SDK Go Service Operation Incomplete: Waiting for Cloud Control API service operation completion returned: waiter state transitioned to FAILED. StatusMessage: ${message} ErrorCode: ${code}`,
    left,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import type { Account } from "../account.ts";
import { readConnectors } from "./connectors.ts";
import { checkEnum, checkInteger, checkList, checkObject, checkString, requireString, SHAPES } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";
import type { HookName } from "./guest.ts";
import { type Logging, readLogging } from "./logging.ts";

export interface HookSetting {
  enabled: boolean;
  timeoutSeconds: number;
}

/** One version's configuration; what a caller leaves out has the service's default. */
export interface ImageConfig {
  baseImageArn: string;
  baseImageVersion: string;
  buildRoleArn: string;
  codeArtifactUri: string;
  description: string;
  memoryMib: number;
  egress: string[];
  capabilities: string[];
  environment: Record<string, string>;
  hookPort?: number;
  hooks: Record<HookName, HookSetting>;
  logging?: Logging;
}

/** Memory that al2023-1 supports (microvm-platform 2.5). */
const MEMORY_TIERS = [512, 1024, 2048, 4096, 8192];
/** Names that the service sets itself (microvm-platform 2.6). */
const RESERVED_VARIABLES = ["AWS_REGION"];

const RUNTIME_HOOKS = ["run", "resume", "suspend", "terminate"] as const;
const BUILD_HOOKS = ["ready", "validate"] as const;

/** Reads what CreateMicrovmImage and UpdateMicrovmImage share (microvm-platform 1.5, 2.2, 2.5, 2.6). */
export function readImageConfig(account: Account, body: Record<string, unknown>): ImageConfig {
  const artifact = checkObject("codeArtifact", body.codeArtifact);
  const config: ImageConfig = {
    baseImageArn: requireString("baseImageArn", body.baseImageArn, SHAPES.nonBlank),
    baseImageVersion: checkString("baseImageVersion", body.baseImageVersion, SHAPES.version) ?? "1",
    buildRoleArn: requireString("buildRoleArn", body.buildRoleArn, SHAPES.roleArn),
    codeArtifactUri: requireString("codeArtifact.uri", artifact?.uri, SHAPES.nonBlank),
    description: checkString("description", body.description, {}) ?? "",
    memoryMib: readMemory(body.resources),
    egress: readConnectors(account, "egressNetworkConnectors", body.egressNetworkConnectors, "egress", 1) ?? [],
    capabilities: (checkList("additionalOsCapabilities", body.additionalOsCapabilities, 10) ?? []).map(
      (item, index) => checkEnum(`additionalOsCapabilities.${index + 1}.member`, item, ["ALL"]) ?? "ALL",
    ),
    environment: readEnvironment(body.environmentVariables),
    ...readHooks(body.hooks),
  };
  for (const cpu of checkList("cpuConfigurations", body.cpuConfigurations, 10) ?? []) {
    checkEnum("cpuConfigurations.1.member.architecture", checkObject("cpuConfigurations", cpu)?.architecture, [
      "ARM_64",
    ]);
  }
  if (config.baseImageArn !== `arn:${account.partition}:lambda:${account.region}:aws:microvm-image:al2023-1`) {
    throw microvmErrors.validation(`Base image ${config.baseImageArn} does not exist`);
  }
  // Major only: "0.0", which the service itself shows, and "999" are refused (microvm-platform 2.6).
  if (!["0", "1"].includes(config.baseImageVersion)) {
    throw microvmErrors.validation(`Base image version ${config.baseImageVersion} is not valid`);
  }
  const logging = readLogging(body.logging);
  return logging === undefined ? config : { ...config, logging };
}

function readMemory(value: unknown): number {
  const [resources] = checkList("resources", value, 1) ?? [];
  if (resources === undefined) return 2048;
  const member = checkObject("resources.1.member", resources);
  const path = "resources.1.member.minimumMemoryInMiB";
  const memory = checkInteger(path, member?.minimumMemoryInMiB, 1, Number.MAX_SAFE_INTEGER);
  if (memory === undefined) {
    throw microvmErrors.validation(`Value at '${path}' failed to satisfy constraint: Member must not be null`);
  }
  if (!MEMORY_TIERS.includes(memory)) {
    throw microvmErrors.validation(
      `The requested memory size of ${memory} MiB is not supported by base MicroVM image al2023-1. Supported memory sizes in MiB are: [${MEMORY_TIERS.join(", ")}]`,
    );
  }
  return memory;
}

function readEnvironment(value: unknown): Record<string, string> {
  const entries = Object.entries(checkObject("environmentVariables", value) ?? {});
  if (entries.length > 50) {
    throw microvmErrors.validation(
      "Value at 'environmentVariables' failed to satisfy constraint: Member must have length less than or equal to 50",
    );
  }
  return Object.fromEntries(
    entries.map(([key, text]) => {
      checkString("environmentVariables.key", key, SHAPES.environmentKey);
      if (RESERVED_VARIABLES.includes(key)) {
        throw microvmErrors.validation(`Environment variable key '${key}' is reserved`);
      }
      return [key, requireString("environmentVariables.value", text, SHAPES.environmentValue)];
    }),
  );
}

function readHooks(value: unknown): Pick<ImageConfig, "hookPort" | "hooks"> {
  const hooks = checkObject("hooks", value) ?? {};
  const port = checkInteger("hooks.port", hooks.port, 1, 65_535);
  const runtime = checkObject("hooks.microvmHooks", hooks.microvmHooks) ?? {};
  const build = checkObject("hooks.microvmImageHooks", hooks.microvmImageHooks) ?? {};
  // Values are states, not paths, whatever the documentation says of them; the default of a runtime hook is one second.
  const setting = (group: string, members: Record<string, unknown>, name: string, max: number, fallback: number) => ({
    enabled: checkEnum(`hooks.${group}.${name}`, members[name], ["DISABLED", "ENABLED"]) === "ENABLED",
    timeoutSeconds:
      checkInteger(`hooks.${group}.${name}TimeoutInSeconds`, members[`${name}TimeoutInSeconds`], 1, max) ?? fallback,
  });
  const at = (name: (typeof RUNTIME_HOOKS)[number]) => setting("microvmHooks", runtime, name, 60, 1);
  const during = (name: (typeof BUILD_HOOKS)[number]) => setting("microvmImageHooks", build, name, 3_600, 30);
  const read: Record<HookName, HookSetting> = {
    ready: during("ready"),
    validate: during("validate"),
    run: at("run"),
    resume: at("resume"),
    suspend: at("suspend"),
    terminate: at("terminate"),
  };
  const anyRuntime = RUNTIME_HOOKS.some((name) => read[name].enabled);
  if (port !== undefined && !anyRuntime && !read.ready.enabled && !read.validate.enabled) {
    throw microvmErrors.validation(
      "At least one MicroVM hook or MicroVM image hook must be enabled when the hooks port is specified",
    );
  }
  if (port === undefined && (anyRuntime || read.ready.enabled || read.validate.enabled)) {
    throw microvmErrors.validation("The hooks port must be specified when a hook is enabled");
  }
  if (anyRuntime && !read.ready.enabled) {
    throw microvmErrors.validation("The ready hook must be enabled when any MicroVM hook is enabled");
  }
  return { hooks: read, ...(port === undefined ? {} : { hookPort: port }) };
}

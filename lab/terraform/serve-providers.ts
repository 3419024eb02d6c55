import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type GrpcObject,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { load } from "@grpc/proto-loader";
import { type Backend, type ProviderBehaviour, ProviderError } from "./behaviour.ts";
import { diagnostic } from "./diagnostic.ts";
import { type DynamicValue, decodeObject, isObject, knownPart, type PlanValues } from "./dynamic-value.ts";
import { EphemeralService } from "./ephemeral-service.ts";
import { loadSchema, MADE_UP_PROVIDERS, PROVIDER_NAMES, type ProviderName } from "./load-schema.ts";
import type { TypeName } from "./made-up/find-schema.ts";
import { MadeUpTypes } from "./made-up/made-up-types.ts";
import { type Call, ProviderService, type Session } from "./provider-service.ts";
import { archiveRules } from "./rules/archive.ts";
import { awsRules } from "./rules/aws.ts";
import { awsccRules } from "./rules/awscc.ts";
import { githubRules } from "./rules/github.ts";
import { randomRules } from "./rules/random.ts";
import { type RegistryModule, serveRegistry } from "./serve-registry.ts";
import { startStandInProcess } from "./stand-in-process.ts";
import type { ProviderContext, ProviderRules } from "./type-rules.ts";

export type { Call } from "./provider-service.ts";

export interface ServeOptions {
  /** What the resources mean; a type without a behaviour gets made-up, stable values of the real form. */
  behaviours?: Partial<Record<ProviderName, ProviderBehaviour | Backend>>;
  /** Makes a type without a behaviour an error instead. */
  strict?: boolean;
  /**
   * The types that the configuration names, asked for again by each `terraform` process: those that the lab has no
   * schema of get one where an installed package has it, and the providers of which it has nothing but schemas are
   * served too.
   */
  named?: () => Promise<readonly TypeName[]>;
  /** Twelve digits. */
  account?: string;
  /** Region of a provider whose configuration names none. */
  region?: string;
  /** Where Terraform will run: what relative paths in the configuration, such as those of `path.module`, start from. */
  workingDirectory?: string;
  /** Modules of the public registry, by address; any other is asked for where it really is. */
  modules?: Readonly<Record<string, RegistryModule>>;
}

export interface ServedProviders {
  /** What a `terraform` process needs in its environment to use these providers and no others. */
  env: Record<string, string>;
  /** Every call so far, oldest first. */
  calls: Call[];
  /** With `named`: the types so far that had made-up values, such as `aws_instance` and `data.aws_ami`. */
  madeUp(): string[];
  close(): Promise<void>;
}

const SOURCES: Record<ProviderName, string> = {
  aws: "hashicorp/aws",
  awscc: "hashicorp/awscc",
  github: "integrations/github",
  random: "hashicorp/random",
  archive: "hashicorp/archive",
  http: "hashicorp/http",
  local: "hashicorp/local",
  null: "hashicorp/null",
  time: "hashicorp/time",
  tls: "hashicorp/tls",
};

/** Nothing is known beyond the schema. */
const NO_RULES: ProviderRules = { types: {}, dataSources: () => ({}), legacy: false };

const RULES: Record<ProviderName, ProviderRules> = {
  aws: awsRules,
  awscc: awsccRules,
  github: githubRules,
  random: randomRules,
  archive: archiveRules,
  http: NO_RULES,
  local: NO_RULES,
  null: NO_RULES,
  time: NO_RULES,
  tls: NO_RULES,
};

/** Starts the lab's providers; `terraform` attaches to them through the returned environment. */
export async function serveProviders(options: ServeOptions = {}): Promise<ServedProviders> {
  const calls: Call[] = [];
  const definition = await serviceDefinition();
  const madeUp = options.named === undefined ? undefined : new MadeUpTypes(options.named);
  const names: readonly ProviderName[] =
    madeUp === undefined ? PROVIDER_NAMES : [...PROVIDER_NAMES, ...MADE_UP_PROVIDERS];
  const servers = await Promise.all(
    names.map(async (name) => {
      const served = {
        name,
        madeUp,
        source: SOURCES[name],
        schema: loadSchema(name),
        rules: RULES[name],
        strict: options.strict ?? false,
        record: (call: Call) => void calls.push(call),
      };
      const services = { service: new ProviderService(served), ephemeral: new EphemeralService(served) };
      const backend = backendOf(options.behaviours?.[name] ?? { resources: {} });
      return { name, ...(await listen(definition, services, backend, defaultContext(options))) };
    }),
  );
  const standIn = startStandInProcess();
  const folder = await mkdtemp(join(tmpdir(), "terraform-lab-"));
  const cliConfig = join(folder, "lab.tfrc");
  // A provider that the lab does not serve would be downloaded, and would act on the real world.
  const nowhere = join(folder, "no-other-providers");
  await mkdir(nowhere);
  const registry = options.modules === undefined ? undefined : await serveRegistry(options.modules);
  await writeFile(
    cliConfig,
    [
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(nowhere)}\n  }\n}\n`,
      ...(registry === undefined ? [] : REGISTRIES.map((host) => hostBlock(host, registry.url))),
    ].join("\n"),
  );
  const reattach = Object.fromEntries(
    servers.map(({ name, port }) => [
      `registry.terraform.io/${SOURCES[name]}`,
      {
        Protocol: "grpc",
        ProtocolVersion: 6,
        Pid: standIn.pid,
        Test: true,
        Addr: { Network: "tcp", String: `127.0.0.1:${port}` },
      },
    ]),
  );
  return {
    env: { TF_REATTACH_PROVIDERS: JSON.stringify(reattach), TF_CLI_CONFIG_FILE: cliConfig, CHECKPOINT_DISABLE: "1" },
    calls,
    madeUp: () => madeUp?.names() ?? [],
    async close() {
      for (const { server } of servers) server.forceShutdown();
      standIn.end();
      await registry?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where Terraform and OpenTofu look for modules without a host of their own. */
const REGISTRIES = ["registry.terraform.io", "registry.opentofu.org"];

function hostBlock(host: string, url: string): string {
  return `host ${JSON.stringify(host)} {\n  services = {\n    "modules.v1" = ${JSON.stringify(url)}\n  }\n}\n`;
}

function defaultContext(options: ServeOptions): ProviderContext {
  const { account = "123456789012", region = "eu-west-1", workingDirectory } = options;
  return { account, region, partition: partitionOf(region), defaultTags: {}, owner: "my-org", workingDirectory };
}

function backendOf(given: ProviderBehaviour | Backend): Backend {
  return "configure" in given ? given : { unconfigured: given, configure: () => given };
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

async function serviceDefinition(): Promise<ServiceDefinition> {
  const path = fileURLToPath(new URL("./plugin.proto", import.meta.url));
  const loaded = loadPackageDefinition(await load(path, { keepCase: true, longs: Number, defaults: true }));
  // The types of grpc-js cannot know what the .proto file declares.
  const { Provider } = loaded.tfplugin6 as GrpcObject;
  return (Provider as unknown as { service: ServiceDefinition }).service;
}

async function listen(
  definition: ServiceDefinition,
  { service, ephemeral }: { service: ProviderService; ephemeral: EphemeralService },
  backend: Backend,
  fallback: ProviderContext,
) {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  // Terraform opens one connection for each provider configuration, so an alias has a session of its own.
  const sessions = new Map<string, Session>();
  const unconfigured: Session = { context: fallback, behaviour: backend.unconfigured };
  // What a request holds is said by the .proto file alone; the service's own types describe the same messages.
  const unary =
    <Request>(handler: (request: Request, session: Session, peer: string) => object | Promise<object>) =>
    (call: ServerUnaryCall<Request, object>, callback: sendUnaryData<object>) => {
      const peer = call.getPeer();
      Promise.resolve()
        .then(() => handler(call.request, sessions.get(peer) ?? unconfigured, peer))
        .then(
          (response) => callback(null, response),
          (error: unknown) =>
            callback({ code: status.INTERNAL, message: error instanceof Error ? error.message : String(error) }),
        );
    };
  server.addService(definition, {
    GetMetadata: unary(() => service.getMetadata()),
    GetProviderSchema: unary(() => service.getProviderSchema()),
    ValidateProviderConfig: unary(() => ({})),
    ValidateResourceConfig: unary(service.validateResource.bind(service)),
    ValidateDataResourceConfig: unary(service.validateDataSource.bind(service)),
    ConfigureProvider: unary(async ({ config }: { config: DynamicValue }, _session, peer) => {
      const values = decodeObject(config) ?? {};
      const context = configured(fallback, values);
      try {
        const behaviour = await backend.configure({ region: context.region, values: knownPart(values) });
        sessions.set(peer, { context, behaviour });
        return {};
      } catch (error: unknown) {
        if (!(error instanceof ProviderError)) throw error;
        return { diagnostics: [diagnostic({ summary: error.message })] };
      }
    }),
    UpgradeResourceState: unary(service.upgradeState.bind(service)),
    ReadResource: unary(service.read.bind(service)),
    PlanResourceChange: unary(service.plan.bind(service)),
    ApplyResourceChange: unary(service.apply.bind(service)),
    ImportResourceState: unary(service.import.bind(service)),
    ReadDataSource: unary(service.readData.bind(service)),
    ValidateEphemeralResourceConfig: unary(ephemeral.validate.bind(ephemeral)),
    OpenEphemeralResource: unary(ephemeral.open.bind(ephemeral)),
    CloseEphemeralResource: unary(() => ({})),
    StopProvider: unary(() => ({})),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, port };
}

function configured(fallback: ProviderContext, config: PlanValues): ProviderContext {
  const { region, owner, default_tags: defaults } = config;
  const [first] = Array.isArray(defaults) ? defaults : [];
  const tags = isObject(first) && isObject(first.tags) ? first.tags : {};
  const place = typeof region === "string" ? region : fallback.region;
  return {
    ...fallback,
    region: place,
    partition: partitionOf(place),
    owner: typeof owner === "string" ? owner : fallback.owner,
    defaultTags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, String(value)])),
  };
}

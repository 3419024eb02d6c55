import type { AccountReader } from "../../../cli/aws/account-reader.ts";
import type { AccountWriter } from "../../../cli/aws/account-writer.ts";
import type { AwsReader } from "../../../cli/aws/aws-reader.ts";
import type { SetupContext, SetupFlags } from "../../../cli/setup/context.ts";
import { githubPlace } from "../../../cli/setup/core/github-place.ts";
import { recordName, type SetupRecord } from "../../../cli/setup/core/setup-record.ts";
import { keyPlace } from "../../../cli/setup/key-place.ts";
import { NotFoundError, RefusedError } from "../../../dispatcher/errors.ts";
import { type ScriptedTerminal, scriptedTerminal } from "./scripted-terminal.ts";

export interface MemoryContext {
  context: SetupContext;
  terminal: ScriptedTerminal;
  /** Of the account, by name. */
  parameters: Map<string, string>;
  /** Writes what an earlier run kept. */
  keep(record: Partial<SetupRecord>): void;
}

export interface MemoryContextOptions {
  github?: string;
  flags?: Partial<SetupFlags>;
  aws?: Partial<AwsReader>;
  writer?: Partial<AccountWriter>;
  terminal?: ScriptedTerminal;
}

export const RECORD: SetupRecord = {
  ...{ version: 1, github: "https://github.com", owner: "my-org", ownerType: "Organization", repositories: [] },
  ...{ webhook: "organization", key: "ssm", keyAt: "/gha-microvm/github-app-key", appId: "7", slug: "runners" },
};

/** An interface of which only so much is answered: the rest is refused. */
export function refusing<T extends object>(answered: Partial<T>): T {
  return new Proxy(answered, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      (async () => {
        throw new RefusedError(`${String(name)} was refused: AccessDenied`);
      }),
  }) as T;
}

/** What every step of set-up works with, in an account that holds parameters and in which nothing is deployed. */
export function memoryContext(options: MemoryContextOptions = {}): MemoryContext {
  const { github = "https://github.com", terminal = scriptedTerminal() } = options;
  const parameters = new Map<string, string>();
  const flags: SetupFlags = {
    ...{ github, port: 0, browser: false, yes: false, rotateKey: false },
    ...options.flags,
  };
  const writer = refusing<AccountWriter>({
    parameter: async (name) => parameters.get(name),
    putParameter: async ({ name, value }) => void parameters.set(name, value),
    deleteParameter: async (name) => void parameters.delete(name),
    ...options.writer,
  });
  const aws = refusing<AwsReader>({
    region: "eu-west-1",
    async functionEnvironment(name) {
      throw new NotFoundError(`there is no function ${name}`);
    },
    ...options.aws,
  });
  const canSign = async () => true;
  const arnOf = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
  const context: SetupContext = {
    ...{ prefix: "gha-microvm", region: "eu-west-1", account: "123456789012", folder: "/nowhere", environment: {} },
    ...{ flags, terminal, aws, writer, reader: refusing<AccountReader>({}), place: githubPlace(github), pollMs: 1 },
    keyPlace: (kind) => keyPlace(kind, { writer, prefix: "gha-microvm", arnOf, canSign }),
    openBrowser: () => undefined,
    now: () => new Date(),
  };
  const keep = (record: Partial<SetupRecord>) =>
    void parameters.set(recordName("gha-microvm"), JSON.stringify({ ...RECORD, github, ...record }));
  return { context, terminal, parameters, keep };
}

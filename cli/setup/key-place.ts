import { execFile } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import type { AccountWriter } from "../aws/account-writer.ts";
import { UsageError } from "../usage-error.ts";
import { type KeyKind, keyName } from "./core/setup-record.ts";
import { wrapKey } from "./wrap-key.ts";

/** Where the App's key is kept. Each throws a DispatcherError, or a UsageError. */
export interface KeyPlace {
  readonly kind: KeyKind;
  /** In words. */
  readonly name: string;
  /** Makes sure, before there is a key, that it can be written; answers what `main.tf` names it by. */
  reserve(known: string | undefined): Promise<string>;
  store(at: string, pem: string): Promise<void>;
  /**
   * The key's text; undefined where none was stored yet. A key in KMS cannot be read: `"kept"` for one that is there.
   */
  read(at: string): Promise<string | "kept" | undefined>;
  remove(at: string): Promise<void>;
}

/** Stands in the key's place until there is one. */
const PENDING = "pending";

export interface KeyPlaceOptions {
  writer: AccountWriter;
  prefix: string;
  /** Of the account. */
  arnOf(service: string, resource: string): string;
  kmsKeyArn?: string | undefined;
  /** Whether the key that a KMS key holds can sign. */
  canSign(keyArn: string): Promise<boolean>;
}

/** `ssm`, `secretsmanager`, `kms` or `file:PATH`. */
export function keyPlace(wanted: string, options: KeyPlaceOptions): KeyPlace {
  if (wanted === "ssm") return parameterPlace(options);
  if (wanted === "secretsmanager") return secretPlace(options);
  if (wanted === "kms") return signingKeyPlace(options);
  const [, path] = /^file:(.+)$/.exec(wanted) ?? [];
  if (path === undefined) throw new UsageError(`--key wants ssm, secretsmanager, kms or file:PATH, not ${wanted}`);
  return filePlace(path);
}

function parameterPlace({ writer, prefix, arnOf, kmsKeyArn: keyArn }: KeyPlaceOptions): KeyPlace {
  const name = keyName(prefix);
  const arn = arnOf("ssm", `parameter${name}`);
  return {
    kind: "ssm",
    name: `SSM parameter ${name}`,
    async reserve() {
      const before = await writer.parameter(name);
      if (before === undefined || before === PENDING) {
        await writer.putParameter({ name, value: PENDING, secure: true, keyArn });
      }
      return arn;
    },
    store: (_at, pem) => writer.putParameter({ name, value: pem, secure: true, keyArn }),
    read: async () => keyIn(await writer.parameter(name)),
    remove: () => writer.deleteParameter(name),
  };
}

function secretPlace({ writer, prefix, kmsKeyArn: keyArn }: KeyPlaceOptions): KeyPlace {
  const name = keyName(prefix).slice(1);
  return {
    kind: "secretsmanager",
    name: `secret ${name}`,
    async reserve() {
      return (await writer.secret(name))?.arn ?? (await writer.createSecret({ name, value: PENDING, keyArn }));
    },
    store: (at, pem) => writer.putSecret(at, pem),
    read: async (at) => keyIn((await writer.secret(at))?.value),
    remove: (at) => writer.deleteSecret(at),
  };
}

function signingKeyPlace({ writer, prefix, canSign }: KeyPlaceOptions): KeyPlace {
  return {
    kind: "kms",
    name: "a KMS key",
    async reserve(known) {
      const arn = known ?? (await writer.createSigningKey(`${prefix}: private key of the GitHub App`));
      await writer.importParameters(arn);
      return arn;
    },
    async store(at, pem) {
      const { token, publicKey } = await writer.importParameters(at);
      await writer.importKeyMaterial(at, token, wrapKey(pem, publicKey));
    },
    read: async (at) => ((await canSign(at)) ? "kept" : undefined),
    remove: async () => undefined,
  };
}

function filePlace(path: string): KeyPlace {
  return {
    kind: "file",
    name: `file ${path}`,
    async reserve() {
      if (!(await isIgnored(path))) {
        throw new UsageError(
          `${path} would be committed with its folder: name it in .gitignore, or keep the key in --key ssm`,
        );
      }
      return path;
    },
    async store(at, pem) {
      await writeFile(at, pem, { mode: 0o600 });
      await chmod(at, 0o600);
    },
    read: (at) =>
      readFile(at, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw new UsageError(`${at} could not be read (${error.code ?? "unknown"})`);
      }),
    remove: async () => undefined,
  };
}

/** Whether git leaves the file out; a folder without git commits nothing. */
async function isIgnored(path: string): Promise<boolean> {
  const run = (args: string[]) =>
    promisify(execFile)("git", args, { cwd: dirname(resolve(path)) }).then(
      () => 0,
      (error: { code?: unknown }) => (typeof error.code === "number" ? error.code : 128),
    );
  if ((await run(["rev-parse", "--is-inside-work-tree"])) !== 0) return true;
  return (await run(["check-ignore", "--quiet", resolve(path)])) === 0;
}

function keyIn(value: string | undefined): string | undefined {
  return value === PENDING ? undefined : value;
}

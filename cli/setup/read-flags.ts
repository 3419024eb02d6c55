import { UsageError } from "../usage-error.ts";
import type { SetupFlags } from "./context.ts";

/** Options of `setup` alone. */
export const SETUP_OPTIONS = {
  owner: { type: "string" },
  repositories: { type: "string" },
  webhook: { type: "string" },
  "runner-group": { type: "string" },
  github: { type: "string" },
  key: { type: "string" },
  "kms-key": { type: "string" },
  port: { type: "string" },
  "no-browser": { type: "boolean" },
  "app-id": { type: "string" },
  "key-file": { type: "string" },
  "rotate-key": { type: "boolean" },
} as const;

export type SetupValues = { readonly [name in keyof typeof SETUP_OPTIONS]?: string | boolean | undefined };

/** The options of set-up that were given, by name. */
export function givenOptions(values: SetupValues): string[] {
  return Object.keys(SETUP_OPTIONS).filter((name) => name in values);
}

/** Reads what the command line says of set-up; throws a UsageError with one line. */
export function readFlags(values: SetupValues, yes: boolean): SetupFlags {
  const text = (name: keyof SetupValues) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const number = (name: keyof SetupValues, high: number) => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,10}$/.test(value) || Number(value) > high) {
      throw new UsageError(`--${name} wants a whole number up to ${high}, not ${value}`);
    }
    return Number(value);
  };
  const appId = text("app-id");
  if (appId !== undefined && !/^[1-9]\d{0,15}$/.test(appId))
    throw new UsageError(`--app-id wants a number, not ${appId}`);
  const kmsKeyArn = text("kms-key");
  if (kmsKeyArn !== undefined && !/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(kmsKeyArn)) {
    throw new UsageError(`--kms-key wants the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID, not ${kmsKeyArn}`);
  }
  return {
    owner: text("owner"),
    repositories: text("repositories")
      ?.split(/[ ,]+/)
      .filter((name) => name !== "")
      .map((name) => name.replace(/^[^/]*\//, "")),
    webhook: text("webhook"),
    runnerGroupId: number("runner-group", 2_147_483_647),
    github: text("github") ?? "https://github.com",
    key: text("key"),
    kmsKeyArn,
    port: number("port", 65_535) ?? 0,
    browser: values["no-browser"] !== true,
    appId,
    keyFile: text("key-file"),
    yes,
    rotateKey: values["rotate-key"] === true,
  };
}

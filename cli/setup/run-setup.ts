import { DispatcherError } from "../../dispatcher/errors.ts";
import { createAccountReader } from "../aws/account-reader.ts";
import { createAccountWriter } from "../aws/account-writer.ts";
import { createAwsReader } from "../aws/aws-reader.ts";
import type { AwsAccess } from "../aws/resolve-aws.ts";
import { UsageError } from "../usage-error.ts";
import type { SetupContext, SetupFlags } from "./context.ts";
import { githubPlace } from "./core/github-place.ts";
import { keyPlace } from "./key-place.ts";
import { regionalArn } from "./regional-arn.ts";
import { Interrupted, type Terminal } from "./terminal.ts";

export interface RunSetupOptions {
  access: AwsAccess;
  environment: NodeJS.ProcessEnv;
  prefix: string;
  folder: string;
  flags: SetupFlags;
  terminal: Terminal;
  openBrowser(url: string): void;
  pollMs?: number | undefined;
  run(context: SetupContext): Promise<number>;
  now(): Date;
}

const POLL_MS = 3_000;
/** As a shell has it for Ctrl-C. */
const INTERRUPTED = 130;

/** Puts together what set-up works with and runs one of its commands; answers the exit code. */
export async function runSetup(options: RunSetupOptions): Promise<number> {
  const { terminal } = options;
  try {
    return await options.run(await contextOf(options));
  } catch (error: unknown) {
    if (error instanceof Interrupted) return INTERRUPTED;
    if (error instanceof DispatcherError) throw new UsageError(error.message);
    throw error;
  } finally {
    terminal.close();
  }
}

async function contextOf(options: RunSetupOptions): Promise<SetupContext> {
  const { access, environment, prefix, flags } = options;
  const reader = createAccountReader(access, environment);
  const writer = createAccountWriter(access, environment);
  const aws = createAwsReader(access, environment);
  const { account, partition } = await reader.identity();
  const canSign = async (arn: string) => {
    try {
      const found = await aws.appKey({ app_id: "unused", kms_signing_key_arn: arn });
      if ("sign" in found) await found.sign(Buffer.from("gha-microvm"));
      return true;
    } catch (error: unknown) {
      // A key without its material cannot sign; of one that may not be used nobody knows.
      if (!(error instanceof DispatcherError) || error.details.code === "AccessDeniedException") throw error;
      return false;
    }
  };
  return {
    ...options,
    ...{ region: access.region, account, aws, reader, writer },
    place: githubPlace(flags.github),
    pollMs: options.pollMs ?? POLL_MS,
    keyPlace: (kind) =>
      keyPlace(kind, {
        ...{ writer, prefix, canSign, kmsKeyArn: flags.kmsKeyArn },
        arnOf: (service, resource) => regionalArn({ partition, region: access.region, account }, service, resource),
      }),
  };
}

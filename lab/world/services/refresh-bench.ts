/**
 * What the refresh function meets, in memory: an image that Terraform built once, its bucket, and GitHub's releases.
 */

import { createHash } from "node:crypto";
import { createLogger, type LogFields } from "../../../contract/log.ts";
import type { RefreshEnvironment } from "../../../contract/refresh-environment.ts";
import { printRunnerEnv } from "../../../contract/runner-env.ts";
import { NOTHING_REFRESHED } from "../../../dispatcher/core/nothing-refreshed.ts";
import { NO_HOLD } from "../../../dispatcher/core/runner-hold.ts";
import { NO_RELEASES } from "../../../dispatcher/core/runner-releases.ts";
import type { RefreshDeps } from "../../../dispatcher/flows/refresh-deps.ts";
import type { Clock } from "../../../dispatcher/ports.ts";
import { writeZip } from "../../../dispatcher/zip.ts";
import { createMemoryBuiltImage, type MemoryBuiltImageOptions } from "./memory-built-image.ts";
import { createMemoryCell } from "./memory-cell.ts";
import { createMemoryCodeBucket, type MemoryCodeBucket } from "./memory-code-bucket.ts";

const BUCKET = "gha-code";

export const refreshEnvironment: RefreshEnvironment = {
  IMAGE_ARN: "arn:aws:lambda:eu-west-1:123456789012:microvm-image:gha",
  IMAGE_VERSION: "",
  CLASSES_PARAM: "",
  TABLE_NAME: "gha-jobs",
  CODE_BUCKET: BUCKET,
  MODE: "auto",
  SOAK_DAYS: 3,
  MAX_AGE_DAYS: 60,
  HOURS_UTC: [],
  SKIP_RUNNERS: [],
};

const DOCKERFILE = [
  "FROM base",
  "COPY runner.env /opt/runner.env",
  `RUN . /opt/runner.env && curl -o /tmp/runner.tar.gz https://github.com/actions/runner/releases/download/v\${RUNNER_VERSION}/actions-runner-linux-arm64-\${RUNNER_VERSION}.tar.gz`,
  "RUN curl -O https://github.com/cli/cli/releases/download/v2.1.0/gh_2.1.0_linux_arm64.tar.gz",
].join("\n");

/** A checksum that tells releases apart. */
export const checksumOf = (runner: string): string => Buffer.from(runner).toString("hex").padEnd(64, "0").slice(0, 64);

export type RefreshBench = ReturnType<typeof createRefreshBench>;

export interface RefreshBenchOptions extends Omit<MemoryBuiltImageOptions, "clock" | "bucket" | "bucketName"> {
  clock: Clock;
  environment?: Partial<RefreshEnvironment>;
  reach?(url: string): boolean;
  /** Keeps no lines of the level `info`: years of them. */
  quiet?: boolean;
  /** The bucket of a deployment with several images. */
  bucket?: MemoryCodeBucket;
}

export function createRefreshBench(options: RefreshBenchOptions) {
  const { clock, bucket = createMemoryCodeBucket() } = options;
  const image = createMemoryBuiltImage({ ...options, bucket, bucketName: BUCKET });
  const state = createMemoryCell(NOTHING_REFRESHED);
  const releases = createMemoryCell(NO_RELEASES);
  const lines: ({ level: string; event: string } & LogFields)[] = [];
  const reached: string[] = [];
  const hold = createMemoryCell(NO_HOLD);
  let applied: string | undefined;

  /** What an apply uploads and builds: Terraform deletes the object that it replaces. */
  function apply(runner: string, change: { dockerfile?: string; memoryMib?: number } = {}): string {
    const { dockerfile = DOCKERFILE, memoryMib = 2_048 } = change;
    const encode = (text: string) => new TextEncoder().encode(text);
    const archive = writeZip(
      new Map([
        ["Dockerfile", encode(dockerfile)],
        ["runner.env", encode(printRunnerEnv({ RUNNER_VERSION: runner, RUNNER_SHA256: checksumOf(runner) }))],
      ]),
    );
    const key = `microvm/${createHash("sha256").update(archive).digest("hex")}.zip`;
    void bucket.put(key, archive);
    const version = image.apply({
      codeArtifact: { uri: `s3://${BUCKET}/${key}` },
      baseImageVersion: "1",
      resources: [{ minimumMemoryInMiB: memoryMib }],
      somethingNew: { kept: true },
    });
    if (applied !== undefined && applied !== key) bucket.remove(applied);
    applied = key;
    return version;
  }

  const deps: RefreshDeps = {
    environment: { ...refreshEnvironment, ...options.environment },
    ...{ image, code: bucket, state, releases, clock },
    hold,
    others: async () => [],
    reach: async (url) => {
      if (!options.quiet) reached.push(url);
      return options.reach?.(url) ?? true;
    },
    log: createLogger((line) => {
      if (options.quiet && line.startsWith('{"level":"info"')) return;
      lines.push(JSON.parse(line) as (typeof lines)[number]);
    }),
  };

  return {
    ...{ deps, image, bucket, state, releases, lines, reached, apply, hold },
    events: () =>
      lines.map(({ event }) => event).filter((event) => event !== "refresh.checked" && event !== "runner.days_left"),
  };
}

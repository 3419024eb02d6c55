import runnerData from "../../microvm/runner.json" with { type: "json" };

/** What GitHub says of its runner's releases. */
export interface RunnerReleases {
  /** The version that it offers, and the checksum of its archive for Linux on arm64; absent: it tells none. */
  offered: { version: string; sha256?: string };
  /** By version that it knows: when it begins to refuse it, and null while it sets no date. */
  refusedFrom: Map<string, Date | null>;
}

/** The release that the module has by default, which is current. */
export function createRunnerReleases(): RunnerReleases {
  const { version, sha256 } = runnerData.runner;
  return { offered: { version, sha256 }, refusedFrom: new Map([[version, null]]) };
}

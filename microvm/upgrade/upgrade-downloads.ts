import type runnerData from "../runner.json";
import { publishedChecksum, type Release } from "./published-checksum.ts";

export type Downloads = typeof runnerData;
export type ToolName = "runner" | "compose" | "buildx" | "gh" | "gitLfs";

/** The repository of each download, and the file of a version that the Dockerfile takes. */
export const TOOLS: Readonly<Record<ToolName, { repository: string; file: (version: string) => string }>> = {
  runner: { repository: "actions/runner", file: (version) => `actions-runner-linux-arm64-${version}.tar.gz` },
  compose: { repository: "docker/compose", file: () => "docker-compose-linux-aarch64" },
  buildx: { repository: "docker/buildx", file: (version) => `buildx-v${version}.linux-arm64` },
  gh: { repository: "cli/cli", file: (version) => `gh_${version}_linux_arm64.tar.gz` },
  gitLfs: { repository: "git-lfs/git-lfs", file: (version) => `git-lfs-linux-arm64-v${version}.tar.gz` },
};

/** The downloads with the newest release of one tool, and the same ones when it is not newer. */
export function upgradeDownloads(
  downloads: Downloads,
  tool: ToolName,
  { release, checksumFile, date }: { release: Release; checksumFile: string; date: string },
): Downloads {
  const { repository, file } = TOOLS[tool];
  const version = release.tag_name.slice(1);
  const present = downloads[tool];
  const { sha256, sources } = publishedChecksum(release, file(version), checksumFile);
  if (version === present.version && sha256 !== present.sha256) {
    throw new Error(
      `${repository} v${version} now has the checksum ${sha256}, not ${present.sha256}: find out why before you change it by hand`,
    );
  }
  if (!isNewer(version, present.version)) return downloads;
  const source = `github.com/${repository} v${version}: ${sources.join(", ")}; read on ${date}`;
  const upgraded = { ...downloads, [tool]: { version, sha256, source } };
  if (tool !== "runner") return upgraded;
  // GitHub gives an older release no jobs some two months after its successor: only the one before the default may
  // still work.
  return { ...upgraded, otherRunners: [downloads.runner] };
}

function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) > 0;
}

import { chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../../contract/log.ts";
import { buildkitConfig } from "../core/dockerd-arguments.ts";
import type { Account } from "./runner-account.ts";

/**
 * Writes the settings that buildx gives each builder that it starts as a container (`util/confutil` of docker/buildx),
 * unless the image has some of its own. Such a builder has its own resolver and mirrors, and asks 8.8.8.8 where it is
 * told none.
 */
export function writeBuildkitConfig(
  home: string,
  account: Account | undefined,
  registryMirrors: readonly string[],
  log: Logger,
): void {
  const [docker, buildx] = [join(home, ".docker"), join(home, ".docker/buildx")] as const;
  const file = join(buildx, "buildkitd.default.toml");
  try {
    if (existsSync(file)) return;
    const missing = [docker, buildx].filter((directory) => !existsSync(directory));
    mkdirSync(buildx, { recursive: true });
    writeFileSync(file, buildkitConfig(registryMirrors));
    if (account === undefined) return;
    for (const made of [...missing, file]) chownSync(made, account.uid, account.gid);
  } catch (error: unknown) {
    log.warn("docker.no-buildkit-config", { problem: (error as NodeJS.ErrnoException).code ?? "unknown" });
  }
}

/** Amazon's link-local resolver, the only one that containers reach: UDP to the internet is blocked. */
export const RESOLVER = "169.254.169.253";

/** Where every program looks for the daemon that is told no other place. */
export const DOCKER_SOCKET = "/var/run/docker.sock";

export interface DockerdSetting {
  socket: string;
  group: number | undefined;
  stateDir: string;
  registryMirrors: readonly string[];
}

/**
 * How dockerd is started in a MicroVM. The guest has no systemd, so cgroups are the daemon's own; overlay2 is named so
 * that a daemon that cannot have it fails instead of filling the disk through vfs (docs/PLATFORM-NOTES.md#docker).
 */
export function dockerdArguments({ socket, group, stateDir, registryMirrors }: DockerdSetting): string[] {
  return [
    `--host=unix://${socket}`,
    ...(group === undefined ? [] : [`--group=${group}`]),
    "--storage-driver=overlay2",
    "--exec-opt=native.cgroupdriver=cgroupfs",
    `--dns=${RESOLVER}`,
    "--default-ulimit=nofile=65536:1048576",
    `--pidfile=${stateDir}/dockerd.pid`,
    ...registryMirrors.map((mirror) => `--registry-mirror=${mirror}`),
  ];
}

/** Added where it only pulls: the bridge and the rules of before a snapshot would be another network's after it. */
export const WITHOUT_NETWORK: readonly string[] = ["--bridge=none", "--iptables=false", "--ip6tables=false"];

/** `buildkitd.default.toml`: what a builder of buildx that runs as a container cannot know from dockerd. */
export function buildkitConfig(registryMirrors: readonly string[]): string {
  const hosts = registryMirrors.map((mirror) => JSON.stringify(mirror.replace(/^https:\/\//, "")));
  const mirrors = hosts.length === 0 ? [] : ['[registry."docker.io"]', `  mirrors = [${hosts.join(", ")}]`];
  return ["[dns]", `  nameservers = ["${RESOLVER}"]`, ...mirrors, ""].join("\n");
}

/**
 * Whether a process with these capabilities (`CapEff` of /proc/self/status) can run dockerd: it needs CAP_SYS_ADMIN.
 */
export function canRunDocker(procStatus: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(procStatus)?.[1];
  const sysAdmin = 1n << 21n;
  return effective !== undefined && (BigInt(`0x${effective}`) & sysAdmin) !== 0n;
}

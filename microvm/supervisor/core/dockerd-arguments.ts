/**
 * How dockerd is started in a MicroVM. The guest has no systemd, so cgroups are the daemon's own; containers reach no resolver
 * but Amazon's link-local one, because UDP to the internet is blocked; overlay2 is named so that a daemon that cannot have it
 * fails instead of filling the disk through vfs (docs/PLATFORM-NOTES.md#docker).
 */
export function dockerdArguments(options: { socket: string; group: number | undefined; stateDir: string }): string[] {
  return [
    `--host=unix://${options.socket}`,
    ...(options.group === undefined ? [] : [`--group=${options.group}`]),
    "--storage-driver=overlay2",
    "--exec-opt=native.cgroupdriver=cgroupfs",
    "--dns=169.254.169.253",
    "--default-ulimit=nofile=65536:1048576",
    `--pidfile=${options.stateDir}/dockerd.pid`,
  ];
}

/** Whether a process with these capabilities (`CapEff` of /proc/self/status) can run dockerd: it needs CAP_SYS_ADMIN. */
export function canRunDocker(procStatus: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(procStatus)?.[1];
  const sysAdmin = 1n << 21n;
  return effective !== undefined && (BigInt(`0x${effective}`) & sysAdmin) !== 0n;
}

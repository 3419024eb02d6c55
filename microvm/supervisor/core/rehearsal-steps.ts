/** One program that every job, or most jobs, will start. */
export interface RehearsalStep {
  name: string;
  file: string;
  args: string[];
  /** Programs that it starts by name: the step is left out where one of them is missing. */
  needs?: string[];
  /** Pipes that it expects beyond the usual three, closed at once. */
  closedPipes?: number;
  /** How it shows that it did what it is run for; else by its exit code 0. */
  proof?: "ends" | { asks: string };
}

export interface RehearsalPlace {
  runnerDir: string;
  /** An empty directory, the job's account's own. */
  directory: string;
  /** `https://127.0.0.1:PORT`: answers everything with 404; undefined where it could not be set up. */
  origin: string | undefined;
}

/**
 * What a job does before and in its first steps, without GitHub: the worker's start, a checkout's way to https, how
 * caches are packed and unpacked, the interpreters of steps. The listener and Docker are rehearsed apart.
 */
export function rehearsalSteps({ runnerDir, directory, origin }: RehearsalPlace): RehearsalStep[] {
  const shell = (name: string, script: string, needs: string[]): RehearsalStep => ({
    ...{ name, file: "bash", args: ["-euo", "pipefail", "-c", script, "rehearsal", directory], needs },
  });
  const node = `${runnerDir}/externals/node24/bin/node`;
  const pack = (name: string, create: string, extract: string, needs: string[]): RehearsalStep =>
    shell(
      name,
      `cd "$1" && mkdir -p ${name} ${name}/out && head -c 1048576 /dev/zero > ${name}/file && ` +
        `tar ${create} -cf ${name}/archive -C ${name} file && tar ${extract} -xf ${name}/archive -C ${name}/out`,
      needs,
    );
  return [
    {
      name: "worker",
      file: `${runnerDir}/bin/Runner.Worker`,
      args: ["spawnclient", "3", "4"],
      closedPipes: 2,
      proof: "ends",
    },
    ...(origin === undefined ? [] : networkSteps(origin, node)),
    pack("tar-gzip", "--gzip", "--gzip", ["tar", "gzip"]),
    // As @actions/cache calls it.
    pack("tar-zstd", "--use-compress-program=zstdmt", "--use-compress-program=unzstd", ["tar", "zstdmt", "unzstd"]),
    shell("unzip", 'cd "$1" && mkdir -p zip && echo x > zip/x && cd zip && zip -q x.zip x && unzip -qo x.zip', [
      ...["zip", "unzip"],
    ]),
    { name: "sudo", file: "sudo", args: ["-n", "true"] },
    { name: "bash", file: "bash", args: ["-e", "-c", "true"] },
    { name: "python3", file: "python3", args: ["-c", "import ssl, json, subprocess, urllib.request"] },
  ];
}

function networkSteps(origin: string, node: string): RehearsalStep[] {
  const fetching = "fetch(process.argv[1]).then((answer) => answer.text())";
  return [
    { name: "git", file: "git", args: ["ls-remote", `${origin}/git/rehearsal.git`], proof: { asks: "/git/" } },
    { name: "curl", file: "curl", args: ["--silent", `${origin}/curl`], proof: { asks: "/curl" } },
    { name: "node", file: node, args: ["-e", fetching, `${origin}/node`], proof: { asks: "/node" } },
  ];
}

/**
 * The programs whose first start takes long after a snapshot and that a job may start at any time: only asked for their
 * versions.
 */
export const VERSION_COMMANDS: readonly { name: string; file: string; args: string[] }[] = [
  { name: "git", file: "git", args: ["--version"] },
  { name: "bash", file: "bash", args: ["-c", "true"] },
  { name: "dockerd", file: "dockerd", args: ["--version"] },
  { name: "docker", file: "docker", args: ["--version"] },
  { name: "containerd", file: "containerd", args: ["--version"] },
  { name: "containerd-shim", file: "containerd-shim-runc-v2", args: ["-v"] },
  { name: "runc", file: "runc", args: ["--version"] },
  { name: "buildx", file: "/usr/libexec/docker/cli-plugins/docker-buildx", args: ["version"] },
  { name: "compose", file: "/usr/libexec/docker/cli-plugins/docker-compose", args: ["version"] },
  { name: "gh", file: "gh", args: ["--version"] },
  { name: "aws", file: "aws", args: ["--version"] },
  { name: "python3", file: "python3", args: ["--version"] },
];

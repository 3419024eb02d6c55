import pins from "../../src/release/actions.json" with { type: "json" };

/** Jobs of one sort that the run has run. */
export interface Kind {
  name: string;
  jobs: number;
  /** `timeout-minutes` of each: no job costs more than so long. */
  minutes: number;
  conclusion: "success" | "failure" | "cancelled";
  /** Cancelled once it runs. */
  cancelled?: true;
  /** What stands below `jobs: smoke:` beside labels and time limit, indented by four. */
  body: string;
}

const steps = (...lines: string[]) => ["    steps:", ...lines.map((line) => `      ${line}`)].join("\n");

const uses = (action: keyof typeof pins, ...inputs: string[]) => [
  `- uses: ${action}@${pins[action].commit} # ${pins[action].version}`,
  ...(inputs.length === 0 ? [] : ["  with:", ...inputs.map((input) => `    ${input}`)]),
];

/**
 * A supervisor waits so long for a job (microvm/supervisor/config.ts, GHA_JOB_WAIT_SECONDS): what runs longer must not
 * end by it.
 */
const IDLE_SECONDS = 300;

/** In the order in which they are begun. */
export const KINDS: readonly Kind[] = [
  { name: "hello", jobs: 1, minutes: 5, conclusion: "success", body: steps("- run: uname -a") },
  {
    name: "matrix",
    jobs: 20,
    minutes: 5,
    conclusion: "success",
    body: [
      "    strategy:",
      "      fail-fast: false",
      "      matrix:",
      `        number: [${Array.from({ length: 20 }, (_, index) => index + 1).join(", ")}]`,
      steps("- run: nproc"),
    ].join("\n"),
  },
  {
    name: "docker build",
    jobs: 1,
    minutes: 10,
    conclusion: "success",
    body: steps(
      "- run: |",
      "    printf 'FROM public.ecr.aws/docker/library/alpine:3\\nRUN uname -m\\n' > Dockerfile",
      "    docker build --progress plain .",
    ),
  },
  {
    name: "services",
    jobs: 1,
    minutes: 10,
    conclusion: "success",
    body: [
      "    services:",
      "      redis:",
      "        image: public.ecr.aws/docker/library/redis:7",
      '        options: --health-cmd "redis-cli ping" --health-interval 5s',
      "        ports:",
      "          - 6379:6379",
      steps("- run: exec 3<>/dev/tcp/127.0.0.1/6379; printf 'PING\\r\\n' >&3; head -c 5 <&3 | grep PONG"),
    ].join("\n"),
  },
  {
    name: "setup-node",
    jobs: 1,
    minutes: 10,
    conclusion: "success",
    body: steps(...uses("actions/setup-node", "node-version: 24"), "- run: node --version"),
  },
  {
    name: "checkout of a large repository",
    jobs: 1,
    minutes: 20,
    conclusion: "success",
    body: steps(
      ...uses("actions/checkout", "repository: torvalds/linux", "persist-credentials: false"),
      "- run: du --summarize --human-readable .",
    ),
  },
  {
    name: "cancelled",
    jobs: 1,
    minutes: 10,
    conclusion: "cancelled",
    cancelled: true,
    body: steps("- run: sleep 500"),
  },
  { name: "failing", jobs: 1, minutes: 5, conclusion: "failure", body: steps("- run: exit 1") },
  {
    name: "longer than the idle bound",
    jobs: 1,
    minutes: 15,
    conclusion: "success",
    body: steps(`- run: sleep ${IDLE_SECONDS + 120}`),
  },
];

/** File of a kind in the scratch repository. */
export function workflowPath({ name }: Kind): string {
  return `.github/workflows/smoke-${name.replaceAll(" ", "-")}.yml`;
}

/** Its workflow, which runs when its own file is pushed to the branch and for nothing else. */
export function workflowOf(kind: Kind, branch: string, labels: readonly string[]): string {
  return [
    `name: smoke ${kind.name}`,
    "on:",
    "  push:",
    `    branches: [${branch}]`,
    `    paths: [${workflowPath(kind)}]`,
    "permissions:",
    "  contents: read",
    "jobs:",
    "  smoke:",
    `    runs-on: [${labels.join(", ")}]`,
    `    timeout-minutes: ${kind.minutes}`,
    kind.body,
    "",
  ].join("\n");
}

import runnerData from "../../microvm/runner.json" with { type: "json" };
import type { ValidationCase } from "./validation-case.ts";

const environment = (count: number, name = "NAME_", value = "v") => ({
  runner_environment: Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, value])),
});
const NODE = "/opt/actions-runner/externals/node24/bin/node";
const DOCKERFILE = `FROM public.ecr.aws/lambda/microvms:al2023-minimal
RUN useradd --create-home runner
COPY supervisor.cjs /opt/supervisor/supervisor.cjs
EXPOSE 9000
CMD ["${NODE}", "/opt/supervisor/supervisor.cjs"]
`;
/** The Dockerfile with one of its texts replaced. */
const dockerfile = (text: string | RegExp, by: string) => ({ dockerfile: DOCKERFILE.replace(text, by) });
const files = (...paths: string[]) => paths.map((path) => ({ extra_build_files: { [path]: "text" } }));
const connectors = (...arns: string[]) => arns.map((arn) => ({ egress_network_connector_arn: arn }));
const variables = (...names: string[]) => names.map((name) => ({ runner_environment: { [name]: "v" } }));
const values = (...each: string[]) => each.map((value) => ({ runner_environment: { NAME: value } }));

const SHA256 = "ab".repeat(32);
const runners = (...versions: string[]) =>
  versions.map((runner_version) => ({ runner_version, runner_sha256: SHA256, dockerfile: null }));

/** Rules of the inputs that change what the image holds. */
export const CUSTOMISATION_CASES: ValidationCase[] = [
  {
    what: "more variables than an image has room for",
    message: "runner_environment must have at most 40 entries",
    bad: [environment(41)],
    good: [environment(40)],
  },
  {
    what: "a variable whose name no shell has",
    message: "runner_environment must have names of 1 to 256 letters",
    bad: variables("1ST", "A-B", "A B", "", "N".repeat(257)),
    good: variables("_a1", "N".repeat(256)),
  },
  {
    what: "a variable that AWS, the runner or GitHub sets",
    message: "runner_environment must not set names that begin with AWS_",
    bad: variables("AWS_REGION", "GHA_HOOK_PORT", "ACTIONS_CACHE_URL", "RUNNER_TOOL_CACHE", "GITHUB_SHA", "aws_region"),
    good: variables("MY_AWS_", "AWSOME"),
  },
  {
    what: "a variable that looks like a secret",
    message: "runner_environment has a name that looks like a secret's",
    bad: variables(
      ...[
        "NPM_TOKEN",
        "MY_SECRET",
        "DB_PASSWORD",
        "db_passwd",
        "CREDENTIALS",
        "SSH_PRIVATE_KEY",
        "API_KEY",
        "ACCESS_KEY_ID",
      ],
    ),
    good: variables("PUBLIC_KEY", "TOKE", "PASS_THROUGH"),
  },
  {
    what: "a variable that is too long or waits for an expansion",
    message: "runner_environment must have values of at most 4096 characters",
    bad: values("v".repeat(4_097), ["$", "{HOME}/bin"].join("")),
    good: values("v".repeat(4_096), "", "$HOME {x}"),
  },
  {
    what: "a variable with a character that no process takes",
    message: "runner_environment has a value with a control character in it",
    bad: values("a\u0000b", "\u001b[31m", "\u007f"),
    good: values("a\tb\nc", "a\r\nb", "Grüße", "日本語"),
  },
  {
    what: "more of an environment than a CloudFormation template holds",
    message: "runner_environment is too large for an image without capabilities",
    pair: true,
    bad: [{ ...environment(6, "NAME_", "v".repeat(4_096)), additional_os_capabilities: [] }],
    good: [{ ...environment(5, "NAME_", "v".repeat(4_096)), additional_os_capabilities: [], docker_images: [] }],
  },
  {
    what: "a Dockerfile that is a path",
    message: "dockerfile must hold the text of a Dockerfile",
    bad: [{ dockerfile: "./Dockerfile" }, { dockerfile: "" }, dockerfile(/^FROM.*\n/, "# FROM scratch\n")],
    good: [{ dockerfile: DOCKERFILE }, dockerfile("FROM ", "# a comment\nARG TAG=1\nfrom --platform=linux/arm64 ")],
  },
  {
    what: "a Dockerfile that leaves out the supervisor",
    message: "dockerfile must copy the supervisor",
    bad: [dockerfile(/COPY.*\n/, ""), dockerfile("/supervisor.cjs\nEXPOSE", "/other.cjs\nEXPOSE")],
    good: [dockerfile("COPY ", "COPY --chown=root:root ")],
  },
  {
    what: "a Dockerfile without the supervisor's port",
    message: "dockerfile must have EXPOSE 9000",
    bad: [dockerfile("EXPOSE 9000", "EXPOSE 19000"), dockerfile("EXPOSE 9000", "")],
    good: [dockerfile("EXPOSE 9000", "EXPOSE 80 9000/tcp")],
  },
  {
    what: "a Dockerfile that starts something else",
    message: "dockerfile must start the supervisor",
    bad: [
      dockerfile(/CMD.*\n/, ""),
      dockerfile(/CMD.*\n/, "CMD /run.sh\n"),
      dockerfile(/$/, 'CMD ["/bin/sh"]\n'),
      dockerfile("CMD", 'ENTRYPOINT ["/bin/sh"]\nCMD'),
    ],
    good: [dockerfile('", "', '" , "')],
  },
  {
    what: "a Dockerfile that takes root's rights from the supervisor",
    message: "dockerfile must not end under another USER than root",
    bad: [dockerfile("CMD", "USER runner\nCMD"), dockerfile("CMD", "USER root\nUSER 1001\nCMD")],
    good: [dockerfile("CMD", "USER runner\nRUN true\nUSER root\nCMD")],
  },
  {
    what: "a Dockerfile without an account for the jobs, or with root's",
    message: "dockerfile must make the account that jobs run as",
    bad: [dockerfile(/RUN.*\n/, ""), dockerfile("CMD", "ENV GHA_RUNNER_USER=root\nCMD")],
    good: [dockerfile(/RUN.*\n/, "ENV GHA_RUNNER_USER=ubuntu\n"), dockerfile("--create-home", "\\\n  --create-home")],
  },
  {
    what: "a Dockerfile that adds what nobody checks",
    message: "dockerfile must not ADD a URL",
    bad: [dockerfile("CMD", "ADD --chmod=755 https://example.com/tool /bin/tool\nCMD")],
    good: [dockerfile("CMD", "ADD files.tar /opt\nCMD")],
  },
  {
    what: "a Dockerfile together with steps for the module's",
    message: "dockerfile leaves no place for extra_packages and setup_commands",
    pair: true,
    bad: [
      { dockerfile: DOCKERFILE, extra_packages: ["ruby3.2"] },
      { dockerfile: DOCKERFILE, setup_commands: ["true"] },
    ],
    good: [{ dockerfile: DOCKERFILE, extra_build_files: { "a.txt": "a" }, extra_packages: [], setup_commands: [] }],
  },
  {
    what: "a connector that is no egress connector's ARN",
    message: "egress_network_connector_arn must be the whole ARN",
    bad: connectors(
      "INTERNET_EGRESS",
      "",
      "arn:aws:lambda:eu-west-1:123456789012:function:vpc",
      "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:ALL_INGRESS",
    ),
    good: connectors(
      "arn:aws:lambda:eu-west-1:123456789012:network-connector:my-vpc",
      "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS",
    ),
  },
  {
    what: "a build file outside the build context",
    message: "extra_build_files must have relative paths",
    bad: files("/etc/passwd", "../up", "a/../b", "a//b", "-rf", ".dockerignore", "a b", ""),
    good: files("ca.pem", "a/b-c/d_e.f"),
  },
  {
    what: "a build file in the place of the module's",
    message: "extra_build_files must not hold Dockerfile, runner.env or supervisor.cjs",
    bad: files("Dockerfile", "dockerfile", "runner.env", "supervisor.cjs"),
    good: files("Dockerfile.d", "docs/Dockerfile"),
  },
  {
    what: "a build file below another",
    message: "extra_build_files has a file below the path of another",
    bad: [
      { extra_build_files: { a: "", "a/b": "" } },
      { extra_build_files: { "x/y": "", "x/y/z/w": "" } },
      { extra_build_files: { "Dockerfile/a": "" } },
    ],
    good: [{ extra_build_files: { "a.d/b": "", a: "", ab: "", "dockerfile/a": "" } }],
  },
  {
    what: "more build files than a state should hold",
    message: "extra_build_files must have at most 50 files",
    bad: [
      { extra_build_files: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`f${index}`, ""])) },
      { extra_build_files: { a: "x".repeat(1_000_001) } },
    ],
    good: [{ extra_build_files: { a: "x".repeat(1_000_000) } }],
  },
  {
    what: "a package that is an option or two packages",
    message: "extra_packages must hold at most 200 names",
    bad: [
      { extra_packages: ["--nogpgcheck"] },
      { extra_packages: ["a b"] },
      { extra_packages: ["a;b"] },
      { extra_packages: [""] },
    ],
    good: [{ dockerfile: null, extra_packages: ["ruby3.2", "gcc-c++", "vim-1:9.0"] }],
  },
  {
    what: "a package that the base image has a smaller one for",
    message: "extra_packages must not hold coreutils, curl, openssl-libs",
    bad: [{ extra_packages: ["tree", "curl"] }],
    good: [{ dockerfile: null, extra_packages: ["libcurl-devel"] }],
  },
  {
    what: "a command that is none or a whole script",
    message: "setup_commands must hold at most 50 commands",
    bad: [
      { setup_commands: [" "] },
      { setup_commands: ["x".repeat(4_097)] },
      { setup_commands: Array(51).fill("true") },
    ],
    good: [{ dockerfile: null, setup_commands: ["x".repeat(4_096), 'echo "$HOME" \\\n && true'] }],
  },
  {
    what: "a command with a character that bash leaves out",
    message: "setup_commands has a command with a control character in it",
    bad: ["echo a\u0000b", "echo \u0007"].map((command) => ({ setup_commands: [command] })),
    good: ["printf '\\033[31m'", "cat <<EOF\n\tGrüße\r\nEOF"].map((command) => ({
      dockerfile: null,
      setup_commands: [command],
    })),
  },
  {
    what: "a runner version that is no release with Node 24",
    message: "runner_version must be a release of actions/runner without the v",
    bad: runners("v2.338.0", "2.328.0", "2.99.0", "2.338", "latest", "", "2.338.0\n"),
    good: [...runners("2.329.0", "2.999.0"), { runner_version: "2.337.0", dockerfile: null }],
  },
  {
    what: "a runner version without a known checksum",
    message: "runner_version must be one whose checksum the module knows: 2.338.0, 2.337.0",
    bad: [{ runner_version: "2.335.1" }],
    good: [
      { runner_version: "2.337.0", dockerfile: null },
      { runner_version: "2.338.0", dockerfile: null },
      ...runners("2.335.1"),
    ],
    pair: true,
  },
  {
    what: "a runner's checksum that is none",
    message: "runner_sha256 must be 64 hexadecimal digits",
    bad: ["A".repeat(64), "a".repeat(63), ""].map((runner_sha256) => ({ runner_version: "2.400.0", runner_sha256 })),
    good: runners("2.400.0"),
  },
  {
    what: "a runner's checksum without a version",
    message: "runner_version must be set beside runner_sha256",
    bad: [{ runner_sha256: SHA256, runner_version: null }],
    good: runners("2.400.0"),
    pair: true,
  },
  {
    what: "another checksum for a version that is known",
    message: "runner_version has another published checksum than runner_sha256",
    bad: runners("2.337.0"),
    good: [{ runner_version: runnerData.runner.version, runner_sha256: runnerData.runner.sha256, dockerfile: null }],
    pair: true,
  },
  {
    what: "a runner version beside a Dockerfile of one's own",
    message: "runner_version is the version in the module's Dockerfile",
    bad: [{ runner_version: "2.337.0", dockerfile: DOCKERFILE }],
    good: [{ dockerfile: DOCKERFILE, runner_version: null, runner_sha256: null }],
    pair: true,
  },
];

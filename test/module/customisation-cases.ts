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
    what: "more of an environment than a CloudFormation template holds",
    message: "runner_environment is too large for an image without capabilities",
    pair: true,
    bad: [{ ...environment(6, "NAME_", "v".repeat(4_096)), additional_os_capabilities: [] }],
    good: [{ ...environment(5, "NAME_", "v".repeat(4_096)), additional_os_capabilities: [] }],
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
    message: "extra_build_files must not hold Dockerfile or supervisor.cjs",
    bad: files("Dockerfile", "dockerfile", "supervisor.cjs"),
    good: files("Dockerfile.d", "docs/Dockerfile"),
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
];

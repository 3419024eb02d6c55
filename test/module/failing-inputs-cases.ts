import { APP_KEY, GOOD_CALL } from "./open-module.ts";
import type { ValidationCase } from "./validation-case.ts";

const app = (private_key: string) => ({ github_app: { ...Object(GOOD_CALL.github_app), private_key } });
const each = (name: string, ...values: unknown[]) => values.map((value) => ({ [name]: value }));
const runnerLabels = (...values: string[]) => ({ required_labels: values.slice(0, 1), runner_labels: values });
const commands = (...lines: string[]) => lines.map((line) => ({ dockerfile: null, setup_commands: [line] }));
const values = (...texts: string[]) => texts.map((text) => ({ runner_environment: { NAME: text } }));

const SUPERVISOR_LINES = `RUN useradd --create-home runner
COPY supervisor.cjs /opt/supervisor/supervisor.cjs
EXPOSE 9000
CMD ["/opt/actions-runner/externals/node24/bin/node", "/opt/supervisor/supervisor.cjs"]
`;
const dockerfile = (lines: string, from = "FROM public.ecr.aws/lambda/microvms:al2023-minimal") => ({
  dockerfile: `${from}\n${lines}\n${SUPERVISOR_LINES}`,
});
/** A Dockerfile that copies something, with these files in the build context. */
const copying = (lines: string, ...paths: string[]) => ({
  ...dockerfile(lines),
  extra_build_files: Object.fromEntries(paths.map((path) => [path, "text"])),
});

// Put together here, so that no scanner takes one for a real one.
const letters = (count: number) => "aB3".repeat(count).slice(0, count);
const TOKENS = [
  `ghp_${letters(36)}`,
  `ghs_${letters(40)}.${letters(200)}.${letters(43)}`,
  `github_pat_${letters(22)}_${letters(59)}`,
  `npm_${letters(36)}`,
  `AKIA${"ABCD1234".repeat(2)}`,
  `-----BEGIN ${"RSA PRIVATE"} KEY-----`,
  "http://user:hunter2@proxy.example.com:3128",
];
const HARMLESS = [
  "ghp_short",
  "npm_config_registry=https://registry.example.com",
  "https://x-access-token:$TOKEN@github.com/my-org/app",
  "https://registry.example.com:8443/@scope/name",
  `sha512-${letters(40)}AKIA${letters(44)}==`,
  "-----BEGIN CERTIFICATE-----",
];

const GOOD_DOCKERFILES = [
  copying("COPY ca.pem /etc/pki/", "ca.pem"),
  copying("COPY ./ca.pem /etc/pki/", "ca.pem"),
  copying("copy ca.pem /etc/pki/ca.pem", "ca.pem"),
  copying("COPY --chmod=0755 tools/a.sh /usr/local/bin/a", "tools/a.sh"),
  copying("COPY --chown=runner:runner --link tools /opt/tools", "tools/a.sh"),
  copying("COPY tools/ /opt/tools/", "tools/a.sh"),
  copying("COPY ./tools/deep /opt/deep", "tools/deep/a.sh"),
  copying("COPY a.txt b.txt /opt/", "a.txt", "b.txt"),
  copying("COPY a.txt \\\n  b.txt \\\n  /opt/", "a.txt", "b.txt"),
  copying("COPY a.txt   /opt/a.txt  ", "a.txt"),
  copying("\tCOPY a.txt /opt/a.txt", "a.txt"),
  copying("COPY . /opt/context"),
  copying("COPY ./ /opt/context"),
  copying("COPY *.pem /etc/pki/"),
  copying("COPY certificates/?.pem /etc/pki/"),
  copying("COPY [a-c].pem /etc/pki/"),
  copying('COPY ["a file.txt", "/opt/a file.txt"]'),
  copying("ARG FILE=ca.pem\nCOPY $FILE /etc/pki/"),
  copying("COPY $" + "{FILE} /etc/pki/"),
  copying("COPY --from=docker.io/library/golang:1.25 /usr/local/go /usr/local/go"),
  copying("COPY --from=build app /usr/local/bin/app"),
  copying("COPY <<EOF /etc/motd\nhello\nEOF"),
  copying("RUN <<EOF\npsql -c '\\\nCOPY table FROM stdin'\nEOF"),
  copying("COPY /ca.pem /etc/pki/"),
  copying("COPY runner.env /opt/runner.env"),
  copying("COPY Dockerfile supervisor.cjs /opt/"),
  copying("# COPY missing.txt /opt/"),
  copying("RUN echo COPY missing.txt /opt/"),
  copying("COPY a.txt /opt/a.txt\r", "a.txt"),
  copying("ONBUILD COPY missing.txt /opt/"),
];

/** Inputs that a plan could let through and that are certain to fail later, each with neighbours that work. */
export const FAILING_INPUTS_CASES: ValidationCase[] = [
  {
    what: "an API URL at which no API answers",
    message: "github_api_url is a web address or has the wrong path",
    bad: each(
      "github_api_url",
      "https://github.com",
      "https://github.com/api/v3",
      "https://www.github.com/my-org",
      "https://api.github.com/api/v3",
      "https://acme.ghe.com",
      "https://acme.ghe.com/api/v3",
      "https://api.acme.ghe.com/api/v3",
      "https://github.example.com",
      "https://github.example.com/api",
      "https://github.example.com/api/graphql",
    ),
    good: each(
      "github_api_url",
      "https://api.acme.ghe.com",
      "https://API.GitHub.com",
      "https://github.example.com/api/v3",
      "https://mygithub.com/api/v3",
      "https://git.example.com/enterprise/api/v3",
    ),
  },
  {
    what: "a repository by the name of its clone",
    message: "github_repositories must hold entries of the form owner/name",
    bad: each("github_repositories", ["my-org/app.git"], ["my-org/APP.GIT"], ["my-org/.."]),
    good: [["my-org/app.github.io"], ["my-org/git"]].map((github_repositories) => ({
      github_organization: null,
      github_repositories,
    })),
  },
  {
    what: "labels beyond ASCII that runners register with",
    message: "runner_labels must hold labels of ASCII characters",
    bad: [runnerLabels("größe")],
    good: [runnerLabels("size:8g")],
  },
  {
    what: "required labels beyond ASCII",
    message: "required_labels must hold labels of ASCII characters",
    bad: [{ required_labels: ["größe"] }],
    good: [runnerLabels("groesse")],
  },
  {
    what: "runners that claim to be x64",
    message: "runner_labels must not hold x64",
    bad: [runnerLabels("self-hosted", "X64"), runnerLabels("self-hosted", "linux", "x64")],
    good: [runnerLabels("self-hosted", "arm64", "x64-tools")],
  },
  {
    what: "jobs that ask for x64",
    message: "required_labels must not hold x64",
    bad: [{ required_labels: ["x64"] }],
    good: [runnerLabels("arm64")],
  },
  {
    what: "tags that are one to IAM",
    message: "tags must not have keys that differ in nothing but case",
    bad: each("tags", { Team: "a", team: "b" }),
    good: each("tags", { Team: "a", teams: "a" }),
  },
  {
    what: "an alarm that is to notify a role",
    message: "alarm_actions must not hold a role, user or policy of IAM",
    bad: each("alarm_actions", ["arn:aws:iam::123456789012:role/alerts"]),
    good: each(
      "alarm_actions",
      ["arn:aws:sns:eu-west-1:999999999999:alerts"],
      ["arn:aws:ssm:eu-west-1:123456789012:opsitem:1"],
      ["arn:aws:lambda:eu-west-1:123456789012:function:page"],
    ),
  },
  {
    what: "a variable by which programs are found",
    message: "runner_environment must not set PATH, HOME, LD_PRELOAD, NODE_OPTIONS",
    bad: each("runner_environment", { PATH: "/x" }, { HOME: "/x" }, { LD_PRELOAD: "x.so" }, { NODE_OPTIONS: "-r x" }),
    good: each("runner_environment", { GOPATH: "/x" }, { JAVA_HOME: "/x" }, { NODE_ENV: "test" }),
  },
  {
    what: "a variable with a secret for its value",
    message: "runner_environment has a value with a secret in it",
    bad: values(...TOKENS),
    good: values(...HARMLESS),
  },
  {
    what: "a setup command with a secret in it",
    message: "setup_commands has a command with a secret in it",
    bad: commands(...TOKENS.map((token) => `export NPM_TOKEN=${token}`)),
    good: commands(...HARMLESS.map((text) => `echo ${text}`)),
  },
  {
    what: "a Dockerfile with a secret in it",
    message: "dockerfile has a secret in it",
    bad: TOKENS.map((token) => dockerfile(`RUN curl -H 'authorization: bearer ${token}' https://example.com`)),
    good: HARMLESS.map((text) => dockerfile(`RUN echo '${text}'`)),
  },
  {
    what: "a setup command of Debian",
    message: "setup_commands must not run apt or apt-get",
    bad: commands(
      "apt-get update",
      "sudo apt-get install -y jq",
      "cd /tmp && apt install jq",
      "DEBIAN_FRONTEND=noninteractive apt-get install -y jq",
      "set -e\napt-get update",
    ),
    good: commands(
      "dnf install -y jq",
      "command -v apt-get && apt-get update",
      "apt-get update || dnf makecache",
      "if test -x /usr/bin/apt-get; then apt-get update; fi",
      "echo apt-get is not here",
      "curl https://example.com/apt-get.sh | sh",
    ),
  },
  {
    what: "a Dockerfile that ends in another architecture",
    message: "dockerfile must not end in a stage of another architecture",
    bad: [
      dockerfile("", "FROM --platform=linux/amd64 docker.io/library/ubuntu:24.04"),
      dockerfile("", "FROM --platform=linux/arm64 alpine AS a\nFROM --platform=linux/x86_64 debian"),
    ],
    good: [
      dockerfile("", "FROM --platform=linux/arm64 docker.io/library/ubuntu:24.04"),
      dockerfile("", "FROM --platform=linux/amd64 alpine AS data\nFROM docker.io/library/ubuntu:24.04"),
    ],
  },
  {
    what: "a Dockerfile that copies what is not there",
    message: "dockerfile must COPY only what is in its build context",
    pair: true,
    bad: [
      copying("COPY ca.pem /etc/pki/"),
      copying("COPY --chmod=0755 tools/b.sh /usr/local/bin/b", "tools/a.sh"),
      copying("COPY tool /opt/tool", "tools/a.sh"),
      copying("COPY a.txt b.txt /opt/", "a.txt"),
      copying("COPY a.txt \\\n  b.txt \\\n  /opt/", "a.txt"),
      copying("COPY ./files/ /opt/files/", "a.txt"),
    ],
    good: GOOD_DOCKERFILES,
  },
  {
    what: "a private key that no form makes whole",
    message: "github_app.private_key must be one whole PEM private key",
    bad: [app(Buffer.from(APP_KEY.slice(0, -60)).toString("base64")), app(`${APP_KEY.trim().slice(0, -12)}\\n`)],
    good: [
      app(APP_KEY.replaceAll("\n", "\\n")),
      app(APP_KEY.replaceAll("\n", "\n\n")),
      app(APP_KEY.replaceAll(/^/gm, "    ")),
      app(Buffer.from(APP_KEY).toString("base64")),
      app(`"${APP_KEY.trim().replaceAll("\n", "\\r\\n")}"`),
    ],
  },
];

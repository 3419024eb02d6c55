import { readFile } from "node:fs/promises";
import { validate } from "dockerfile-utils";
import { beforeAll, describe, expect, it } from "vitest";
import { HOOK_PORT } from "../../contract/hooks.ts";
import { parseRunnerEnv } from "../../contract/runner-env.ts";
import {
  dockerfileCommand,
  dockerfileCopies,
  dockerfileEnvironment,
  type Instruction,
  parseDockerfile,
} from "../../lab/runner/dockerfile.ts";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { parseConfig } from "../../microvm/supervisor/config.ts";
import { buildContext, renderDockerfile } from "../../src/bundle/build-context.ts";
import { INSERTION_POINT } from "../../src/interface/build-files.ts";

let source: string;
let instructions: Instruction[];

beforeAll(async () => {
  source = await renderDockerfile();
  instructions = parseDockerfile(source);
});

/** Beside the daemon and the compilers, what GitHub's own image has and AL2023's base has not. */
const EXPECTED = (
  "git tar gzip xz zip unzip zstd diffutils patch rsync iproute less jq python3 gcc gcc-c++ make libatomic libstdc++ " +
  "awscli-2 docker iptables"
).split(" ");

const texts = (name: string) => instructions.filter((instruction) => instruction.name === name).map(({ text }) => text);

describe("the Dockerfile", () => {
  it("starts from the container image that matches the managed base image", () => {
    expect(texts("FROM")).toEqual(["public.ecr.aws/lambda/microvms:al2023-minimal"]);
    expect(instructions[0]?.name).toBe("FROM");
  });

  it("has nothing that a linter finds, with and without what a user adds to it", () => {
    const extended = source.replace(
      INSERTION_POINT,
      "RUN dnf install -y ruby3.2\nCOPY files /opt/build-files\nRUN make",
    );

    expect(extended).not.toBe(source);
    expect([...validate(source), ...validate(extended)]).toEqual([]);
    expect(validate("FROM scratch\nRUNN true\n").map(({ message }) => message)).toEqual([
      expect.stringContaining("RUNN"),
    ]);
  });

  it("leaves no place of its template empty", () => {
    expect(source).not.toMatch(/\{\{|\}\}|undefined/);
  });

  it("checks every file that it downloads before it is used", () => {
    const steps = texts("RUN").flatMap((text) => text.split(" && ").map((step) => step.trim()));
    const downloads = steps.filter((step) => step.startsWith("curl "));

    expect(downloads.length).toBeGreaterThan(0);
    for (const download of downloads) {
      const file = /--output (\S+)/.exec(download)?.[1];
      const check = steps[steps.indexOf(download) + 1];
      expect(download).toMatch(/ "?https:\/\/github\.com\/\S+$/);
      expect(check).toMatch(
        new RegExp(`^echo ['"]([0-9a-f]{64}|\\$\\{RUNNER_SHA256\\})  ${file}['"] \\| sha256sum --check --strict -$`),
      );
    }
    expect(source).not.toMatch(/\bADD\b|wget +(-|http)|curl[^\n]*\|\s*(ba)?sh/);
  });

  it("takes the runner that runner.env names, and copies that file before anything else", () => {
    const [from, copy] = instructions;
    const [step] = texts("RUN").filter((text) => text.includes("actions/runner/"));

    expect([from?.name, copy?.name, copy?.text]).toEqual(["FROM", "COPY", "runner.env /opt/runner.env"]);
    expect(step).toMatch(/^\. \/opt\/runner\.env +&& curl .*\/v\$\{RUNNER_VERSION\}\//);
    expect(parseConfig({}).runnerEnv).toBe("/opt/runner.env");
    expect(source).not.toContain(runnerData.runner.version);
  });

  it("takes each version and checksum from the data file, which names their source", () => {
    const { baseImage: _base, runner, otherRunners, ...downloads } = runnerData;
    expect(runner.sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const { sha256, source: origin } of [...otherRunners, ...Object.values(downloads)]) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(origin).not.toBe("");
    }
    for (const { version, sha256 } of Object.values(downloads)) {
      expect(source).toContain(`v${version}/`);
      expect(source).toContain(sha256);
    }
  });

  it("knows no more runners than the default and the release before it", () => {
    expect(runnerData.otherRunners).toHaveLength(1);
    const [before] = runnerData.otherRunners;
    expect(before?.version.localeCompare(runnerData.runner.version, "en", { numeric: true })).toBe(-1);
  });

  it("does not ask for what conflicts with the base", () => {
    const installed = texts("RUN")
      .filter((text) => text.includes("dnf install"))
      .flatMap((text) => text.split(/[\s']+/));

    for (const conflicting of ["curl", "coreutils", "openssl-libs"]) expect(installed).not.toContain(conflicting);
  });

  it("installs what GitHub's own runners have and most workflows ask for", () => {
    const steps = texts("RUN").flatMap((text) => text.split(" && "));
    const installed = steps
      .filter((step) => step.startsWith("dnf install"))
      .join(" ")
      .split(/\s+/);

    for (const tool of EXPECTED) expect(installed).toContain(tool);
    for (const file of ["docker-compose", "docker-buildx", "gh_", "git-lfs"]) expect(source).toContain(file);
  });

  it("fails for nothing that most jobs can do without, and for everything else", () => {
    const lenient = texts("RUN").filter((text) => text.includes("||"));

    expect(lenient).toEqual([expect.stringContaining("optional="), expect.stringContaining("openssl version")]);
    for (const text of lenient) expect(text.match(/\|\| echo ["']not in this image: /g)).toHaveLength(1);
    expect(lenient[0]).toMatch(/optional='[^']*\biptables-legacy iptables-nft\b/);
  });

  it("gives no download up for a connection that is reset or refused", () => {
    for (const [download] of source.matchAll(/curl (?:[^\n]|\\\n)*/g)) {
      expect(download).toMatch(/--retry 5 --retry-all-errors --retry-connrefused/);
    }
  });

  it("makes the account that jobs run as, and it is not root", () => {
    const { GHA_RUNNER_USER: user } = dockerfileEnvironment(instructions);

    expect(user).toBe("runner");
    expect(texts("RUN").join("\n")).toMatch(/useradd --uid 1001 [^&]* runner( |$)/);
    expect(texts("RUN").join("\n")).toContain("chown -R runner:runner /opt/actions-runner");
  });

  it("starts the supervisor of its context with the runner's own Node", () => {
    const environment = dockerfileEnvironment(instructions);

    expect(dockerfileCopies(instructions)).toEqual([
      { source: "runner.env", destination: "/opt/runner.env" },
      { source: "supervisor.cjs", destination: "/opt/supervisor/supervisor.cjs" },
    ]);
    expect(dockerfileCommand(instructions)).toEqual([
      `${environment.GHA_RUNNER_DIR}/externals/node24/bin/node`,
      "/opt/supervisor/supervisor.cjs",
    ]);
    expect(texts("USER")).toEqual([]);
  });

  it("sets an environment that the supervisor accepts, and exposes the port of the hooks", () => {
    const config = parseConfig(dockerfileEnvironment(instructions));

    expect(config.hookPort).toBe(HOOK_PORT);
    expect(texts("EXPOSE")).toEqual([String(HOOK_PORT)]);
  });

  it("holds no secret and registers nothing", () => {
    expect(source).not.toMatch(/config\.sh|--token|--jitconfig|JITCONFIG|BEGIN [A-Z ]*PRIVATE KEY|ghp_|ghs_|AKIA/);
    expect(texts("ARG")).toEqual([]);
  });
});

describe("the example's Dockerfile that builds on Ubuntu", () => {
  it("takes runner and supervisor from the build context, and sets an environment that the supervisor accepts", async () => {
    const ubuntu = await readFile(new URL("../../examples/ubuntu-image/Dockerfile", import.meta.url), "utf8");
    const steps = parseDockerfile(ubuntu);

    expect([...validate(ubuntu)]).toEqual([]);
    expect(dockerfileCopies(steps)).toEqual(dockerfileCopies(instructions));
    expect(dockerfileCommand(steps)).toEqual(dockerfileCommand(instructions));
    expect(parseConfig(dockerfileEnvironment(steps))).toEqual(parseConfig(dockerfileEnvironment(instructions)));
  });
});

describe("the build context", () => {
  it("is the same each time, and holds what the Dockerfile copies", async () => {
    const [first, second] = [await buildContext(), await buildContext()];

    expect(second).toEqual(first);
    expect(Object.keys(first)).toEqual(["Dockerfile", "runner.env", "supervisor.cjs"]);
    expect(parseRunnerEnv(first["runner.env"])).toEqual({
      RUNNER_VERSION: runnerData.runner.version,
      RUNNER_SHA256: runnerData.runner.sha256,
    });
    expect(first["supervisor.cjs"].length).toBeLessThan(60_000);
  });
});

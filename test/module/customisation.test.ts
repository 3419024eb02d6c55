import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { validate } from "dockerfile-utils";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseRunnerEnv, printRunnerEnv } from "../../contract/runner-env.ts";
import type { ImageVersion } from "../../lab/aws/microvms/image.ts";
import { dockerfileCommand, dockerfileCopies, parseDockerfile } from "../../lab/runner/dockerfile.ts";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { INSERTION_POINT } from "../../src/interface/build-files.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";
import { MODULE_DIR } from "./parse-module.ts";

const VPC = "arn:aws:lambda:eu-west-1:123456789012:network-connector:my-vpc";
const COMMAND = 'echo "$HOME" && echo \'a <b> \\ c\'\necho "two"';
const CUSTOM = {
  ...GOOD_CALL,
  extra_build_files: { "setup/tools.sh": `echo ${"$"}{tools} $%{x}\n` },
  extra_packages: ["ruby3.2", "tree"],
  setup_commands: [`bash /opt/build-files/setup/tools.sh`, COMMAND],
};

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(GOOD_CALL);
});
afterAll(() => account.close());

const moduleFile = (name: string) => readFile(`${MODULE_DIR}/${name}`);
const latest = (): ImageVersion => {
  const [version] = account.aws.microvms.images.all().flatMap(({ versions }) => versions.slice(-1));
  if (version === undefined) throw new Error("there is no image");
  return version;
};
/** The files of the artifact that an image version was built from, by name. */
const contextOf = ({ artifact = new Uint8Array() }: ImageVersion): Record<string, string> =>
  Object.fromEntries(Object.entries(unzipSync(artifact)).map(([name, bytes]) => [name, strFromU8(bytes)]));
const dispatcher = async () => {
  const resources = await account.workspace.resources();
  return resources.find(({ address }) => address.endsWith("aws_lambda_function.dispatcher"))?.values ?? {};
};

/** Applies the call, holds the second plan to nothing, and answers the version that the image then has. */
async function applied(call: Record<string, unknown>): Promise<ImageVersion> {
  await account.setCall(call);
  await account.workspace.apply();
  expect(await account.workspace.hasChanges()).toBe(false);
  return latest();
}

/** The hash in the key of an artifact, without the number that makes each object another. */
const hashOf = (uri: string | undefined) => /\/([0-9a-f]{64})-[0-9a-f]{8}\.zip$/.exec(uri ?? "")?.[1] ?? "no hash";

describe("the image's build context", () => {
  let standard: ImageVersion;

  it("is image.zip, byte for byte, where nothing is asked for", async () => {
    standard = await applied(GOOD_CALL);
    const zip = await moduleFile("image.zip");
    const hash = createHash("sha256").update(zip).digest("hex");

    expect(standard.config.codeArtifactUri).toMatch(new RegExp(`/microvm/${hash}-[0-9a-f]{8}\\.zip$`));
    expect(zip.equals(standard.artifact ?? new Uint8Array())).toBe(true);
  });

  it("gets the packages, files and commands that are asked for, before the supervisor", async () => {
    const version = await applied(CUSTOM);
    const context = contextOf(version);
    const steps = parseDockerfile(context.Dockerfile ?? "");
    const own = steps.slice(steps.findIndex(({ text }) => text.startsWith("setup/tools.sh ")));

    expect(version.version).toBe("2.0");
    expect(validate(context.Dockerfile ?? "")).toEqual([]);
    expect(version.config.codeArtifactUri).not.toBe(standard.config.codeArtifactUri);
    expect(Object.keys(context).sort()).toEqual(["Dockerfile", "runner.env", "setup/tools.sh", "supervisor.cjs"]);
    for (const name of ["runner.env", "supervisor.cjs"]) {
      expect(context[name]).toBe(String(await moduleFile(`image/${name}`)));
    }
    expect(context["setup/tools.sh"]).toBe(CUSTOM.extra_build_files["setup/tools.sh"]);
    expect(own.map(({ name }) => name)).toEqual(["COPY", "RUN", "RUN", "RUN", "COPY", "ENV", "EXPOSE", "CMD"]);
    expect(own[0]?.text).toBe("setup/tools.sh /opt/build-files/setup/tools.sh");
    expect(own[1]?.text).toMatch(/^dnf install -y --setopt=install_weak_deps=0 ruby3\.2 tree && dnf clean all/);
    expect(JSON.parse(own[3]?.text ?? "")).toEqual(["/bin/bash", "-euo", "pipefail", "-c", COMMAND]);
  });

  it("is the same, and so is the image, when the same is asked for again", async () => {
    const before = latest();

    expect(await applied({ ...CUSTOM, log_retention_days: 30 })).toBe(before);
  });

  it("has the Dockerfile that is given instead, with the supervisor beside it", async () => {
    const given = String(await moduleFile("image/Dockerfile")).replace("EXPOSE", `LABEL team=${"$"}{TEAM}\nEXPOSE`);
    const context = contextOf(await applied({ ...GOOD_CALL, dockerfile: given }));

    expect(context.Dockerfile).toBe(given);
    expect(Object.keys(context).sort()).toEqual(["Dockerfile", "runner.env", "supervisor.cjs"]);
    expect(dockerfileCopies(parseDockerfile(given)).map(({ source }) => source)).toEqual([
      "runner.env",
      "supervisor.cjs",
    ]);
    expect(dockerfileCommand(parseDockerfile(given))).toHaveLength(2);
  });

  it("changes in runner.env alone when another runner is asked for", async () => {
    const { runner, otherRunners } = runnerData;
    const [other = runner] = otherRunners;
    const version = await applied({ ...GOOD_CALL, runner_version: other.version });
    const context = contextOf(version);
    const own = String(await moduleFile("image/Dockerfile")).replace(INSERTION_POINT, "");

    expect(version.config.codeArtifactUri).not.toBe(standard.config.codeArtifactUri);
    expect(own).not.toContain(runner.version);
    expect(context).toEqual({
      Dockerfile: own,
      "runner.env": printRunnerEnv({ RUNNER_VERSION: other.version, RUNNER_SHA256: other.sha256 }),
      "supervisor.cjs": String(await moduleFile("image/supervisor.cjs")),
    });

    const given = contextOf(await applied({ ...GOOD_CALL, runner_version: "2.400.0", runner_sha256: "ab".repeat(32) }));
    expect(parseRunnerEnv(given["runner.env"] ?? "")).toEqual({
      RUNNER_VERSION: "2.400.0",
      RUNNER_SHA256: "ab".repeat(32),
    });
  });

  it("is image.zip where the runner that is asked for is the module's own", async () => {
    const { config } = await applied({ ...GOOD_CALL, runner_version: runnerData.runner.version });

    expect(hashOf(config.codeArtifactUri)).toBe(hashOf(standard.config.codeArtifactUri));
  });

  it("is image.zip again when nothing is asked for any more, as an object of its own", async () => {
    const { config } = await applied(GOOD_CALL);

    expect(hashOf(config.codeArtifactUri)).toBe(hashOf(standard.config.codeArtifactUri));
    expect(config.codeArtifactUri).not.toBe(standard.config.codeArtifactUri);
  });
});

describe("the network connector", () => {
  it("is the one that is asked for, for MicroVMs but not for builds", async () => {
    const { config } = await applied({ ...GOOD_CALL, egress_network_connector_arn: VPC });
    const role = { roleName: "gha-microvm-dispatcher", sessionName: "s" };
    const pass = (resource: string) =>
      account.aws.iam.isAllowed(role, { action: "lambda:PassNetworkConnector", resource });

    expect(config.egress).toEqual([expect.stringMatching(/:INTERNET_EGRESS$/)]);
    expect(JSON.stringify((await dispatcher()).environment)).toContain(`"EGRESS_CONNECTOR_ARN":"${VPC}"`);
    expect(await pass(VPC)).toBe(true);
    expect(await pass(VPC.replace("my-vpc", "another"))).toBe(false);
  });
});

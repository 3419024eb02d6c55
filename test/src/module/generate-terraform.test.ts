import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { parse } from "@cdktf/hcl2json";
import { beforeAll, describe, expect, it } from "vitest";
import {
  dispatcherEnvironment,
  pruneEnvironment,
  redeliverEnvironment,
  webhookEnvironment,
} from "../../../contract/environment.ts";
import { HOOK_PORT } from "../../../contract/hooks.ts";
import { generateTerraform } from "../../../src/generate-module.ts";

type Block = Record<string, unknown>;
type Labelled = Record<string, Record<string, Block[]>>;

const files = generateTerraform();
const all = [...files.values()].join("\n");
let parsed: Map<string, Record<string, unknown>>;
beforeAll(async () => {
  parsed = new Map(
    await Promise.all(
      [...files].map(async ([name, text]): Promise<[string, Block]> => [name, await parse(name, text)]),
    ),
  );
});

const labelled = (kind: string) =>
  [...parsed.values()].flatMap((file) =>
    Object.entries((file[kind] ?? {}) as Labelled).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, [body = {}]]) => ({ type, name, body })),
    ),
  );
const resource = (type: string, name: string) =>
  labelled("resource").find((one) => one.type === type && one.name === name)?.body ?? {};
const variables = (name: string) => {
  const [environment = {}] = resource("aws_lambda_function", name).environment as Block[];
  return Object.keys(environment.variables as Block);
};

describe("generateTerraform", () => {
  it("gives the same text each time", () => {
    expect(generateTerraform()).toEqual(files);
  });

  it("prints what terraform fmt leaves alone", () => {
    const { stdout, stderr } = spawnSync("terraform", ["fmt", "-no-color", "-"], {
      input: all,
      encoding: "utf8",
      env: { ...process.env, TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" },
    });

    expect(stderr).toBe("");
    expect(stdout).toBe(all);
  });

  it("has no line of more than 140 columns outside strings", () => {
    const withoutStrings = (line: string) => line.replace(/"(?:[^"\\]|\\.)*"/g, '""');

    for (const [name, text] of files) {
      const long = text.split("\n").filter((line) => !line.startsWith("#") && withoutStrings(line).length > 140);
      expect(long, name).toEqual([]);
    }
  });

  it("has nothing that cdktf stands in for a value, and no escape that checkov's parser reads as a template", () => {
    expect(all).not.toMatch(/TfToken|e\+29|\$\$\{|%%\{/);
  });

  it("writes statements in HashiCorp's order", () => {
    const order = ["sid", "effect", "actions", "resources", "principals", "condition"];
    const inCondition = ["test", "variable", "values"];
    for (const { name, body } of labelled("data").filter(({ type }) => type === "aws_iam_policy_document")) {
      const text = [...files.values()].find((file) => file.includes(`"aws_iam_policy_document" "${name}"`)) ?? "";
      const [, document = ""] = text.split(`"aws_iam_policy_document" "${name}"`);
      const [written = ""] = document.split(/^\}$/m);
      for (const block of written.split(/^ *(?:statement|content) \{$/m).slice(1)) {
        const keys = [...block.matchAll(/^ *(\w+)(?: +=| \{)/gm)].map(([, key = ""]) => key);
        for (const known of [order, inCondition]) {
          const found = keys.filter((key) => known.includes(key)).filter((key, at, all) => all.indexOf(key) === at);
          expect(found, `${name}: ${Object.keys(body)}`).toEqual(known.filter((key) => found.includes(key)));
        }
      }
    }
  });

  it("heads each file with a source that exists", () => {
    for (const [name, text] of files) {
      const source = /^# Generated from (\S+): change that, then run `npx projen generate`\.\n\n/.exec(text)?.[1];
      expect(source, name).toBeDefined();
      expect(existsSync(new URL(`../../../${source}`, import.meta.url)), source).toBe(true);
    }
  });

  it("has nothing that runs, reaches out or belongs to the root module", () => {
    for (const [name, file] of parsed) {
      expect(Object.keys(file), name).not.toContain("provider");
      for (const terraform of (file.terraform ?? []) as Block[]) {
        expect(Object.keys(terraform).sort()).toEqual(["required_providers", "required_version"]);
      }
    }
    expect(all).not.toMatch(/\bprovisioner\b|local-exec|\bbackend\b|"external"|terraform_data|null_resource/);
  });

  it("writes an archive only for an image that is not the module's own", () => {
    const archives = labelled("data").filter(({ type }) => type === "archive_file");

    expect(archives.map(({ name, body }) => [name, String(body.count ?? body.for_each).slice(2, -1)])).toEqual([
      ["image", "local.customised ? 1 : 0"],
      ["class", "local.class_contexts"],
    ]);
  });

  it("refers to things by their names alone, without hashes or needless templates", () => {
    expect(all).not.toMatch(/= "\$\{[^}"]*\}"$/m);
    for (const { type, name } of [...labelled("resource"), ...labelled("data")]) {
      expect(name, type).toMatch(/^[a-z]+(_[a-z]+)*$/);
    }
  });

  it("tags whatever takes tags", () => {
    const untagged = labelled("resource").filter(({ body }) => body.tags === undefined);

    expect([...new Set(untagged.map(({ type }) => type))].sort()).toEqual([
      "aws_cloudwatch_dashboard",
      "aws_cloudwatch_log_metric_filter",
      "aws_cloudwatch_query_definition",
      "aws_iam_role_policy",
      "aws_lambda_function_recursion_config",
      "aws_lambda_function_url",
      "aws_s3_bucket_lifecycle_configuration",
      "aws_s3_bucket_ownership_controls",
      "aws_s3_bucket_policy",
      "aws_s3_bucket_public_access_block",
      "aws_s3_bucket_server_side_encryption_configuration",
      "aws_s3_bucket_versioning",
      "aws_scheduler_schedule",
      "aws_sqs_queue_policy",
      "github_organization_webhook",
      "github_repository_webhook",
      "random_id",
      "random_password",
    ]);
  });

  it("tells each function just what its contract names", () => {
    expect(variables("webhook").sort()).toEqual(Object.keys(webhookEnvironment.entries).sort());
    expect(variables("dispatcher").sort()).toEqual(Object.keys(dispatcherEnvironment.entries).sort());
    expect(variables("redeliver").sort()).toEqual(Object.keys(redeliverEnvironment.entries).sort());
    expect(variables("prune").sort()).toEqual(Object.keys(pruneEnvironment.entries).sort());
  });

  it("sets every property of the image, and the port that the supervisor listens on", () => {
    const image = resource("awscc_lambda_microvm_image", "runner");

    expect(Object.keys(image).sort()).toEqual([
      "additional_os_capabilities",
      "base_image_arn",
      "base_image_version",
      "build_role_arn",
      "code_artifact",
      "count",
      "cpu_configurations",
      "depends_on",
      "description",
      "egress_network_connectors",
      "environment_variables",
      "hooks",
      "lifecycle",
      "logging",
      "name",
      "resources",
      "tags",
    ]);
    expect(image.hooks).toMatchObject({ port: HOOK_PORT });
  });

  it("names each statement of each policy once", () => {
    for (const { name, body } of labelled("data").filter(({ type }) => type === "aws_iam_policy_document")) {
      const sids = (body.statement as Block[]).map(({ sid }) => sid);
      expect(sids, name).not.toContain(undefined);
      expect(new Set(sids).size, name).toBe(sids.length);
    }
  });

  it("puts no condition where Lambda MicroVMs would refuse the role", () => {
    const names = ["build", "dispatcher", "exec", "function_trust", "microvm_trust"];
    const policies = labelled("data").filter(
      ({ type, name }) => type === "aws_iam_policy_document" && names.includes(name),
    );
    expect(policies.map(({ name }) => name).sort()).toEqual(names);

    expect(
      policies.flatMap(({ body }) => (body.statement as Block[]).map(({ condition }) => condition ?? null)),
    ).toEqual(policies.flatMap(({ body }) => (body.statement as Block[]).map(() => null)));
  });
});

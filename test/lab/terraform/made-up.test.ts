import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadSchema } from "../../../lab/terraform/load-schema.ts";
import { findSchema } from "../../../lab/terraform/made-up/find-schema.ts";
import { MadeUpTypes, madeUpAnswer, madeUpRules } from "../../../lab/terraform/made-up/made-up-types.ts";
import { namedTypes } from "../../../lab/terraform/made-up/named-types.ts";
import { readBindings } from "../../../lab/terraform/made-up/read-bindings.ts";
import type { Block } from "../../../lab/terraform/schema.ts";

/** Every attribute and block with its dotted name, told by type and by whether it may or must be set. */
function outline(block: Block, at = ""): Map<string, string> {
  const attributes = Object.entries(block.attributes ?? {}).map(
    ([name, { type, required, optional }]): [string, string] => [
      `${at}${name}`,
      `${JSON.stringify(type)} ${required ? "required" : optional ? "optional" : "computed"}`,
    ],
  );
  const blocks = Object.entries(block.block_types ?? {}).flatMap(([name, each]): [string, string][] => [
    [`${at}${name}`, `${each.nesting_mode} ${each.min_items ?? 0} ${each.max_items ?? ""}`],
    ...outline(each.block, `${at}${name}.`),
  ]);
  return new Map([...attributes, ...blocks]);
}

describe("a schema read back from a binding", () => {
  it("is the provider's own, but for what later versions of the provider added", async () => {
    // Bindings of 6.25.0, a schema of 6.66.0.
    const known = loadSchema("aws").resource_schemas;
    const types = ["aws_iam_role", "aws_cloudwatch_log_group", "aws_s3_bucket", "aws_sqs_queue", "aws_kms_key"];
    for (const type of types) {
      const [real, found] = [known[type], await findSchema("aws", { kind: "resource", type })];
      if (real === undefined || found === undefined) throw new Error(`${type} has no schema`);
      const ours = outline(found.block);
      const theirs = outline(real.block);

      expect(ours.size, type).toBeGreaterThan(5);
      for (const [name, said] of ours) expect(`${type}.${name} ${said}`).toBe(`${type}.${name} ${theirs.get(name)}`);
    }
  });

  it("is had of resources and data sources of four providers", async () => {
    const found = await Promise.all([
      findSchema("aws", { kind: "resource", type: "aws_instance" }),
      findSchema("aws", { kind: "data", type: "aws_ami" }),
      findSchema("github", { kind: "resource", type: "github_repository" }),
      findSchema("random", { kind: "resource", type: "random_string" }),
      findSchema("awscc", { kind: "resource", type: "awscc_logs_log_group" }),
      findSchema("awscc", { kind: "data", type: "awscc_logs_log_group" }),
    ]);

    expect(found.map((schema) => schema?.block.attributes?.id)).toEqual([
      { type: "string", optional: true, computed: true },
      { type: "string", optional: true, computed: true },
      { type: "string", optional: true, computed: true },
      { type: "string", computed: true },
      expect.objectContaining({ type: "string", computed: true }),
      { type: "string", required: true },
    ]);
  });

  it("is not had of a type that no package has, or that a binding does not tell all of", async () => {
    const asked = [
      findSchema("aws", { kind: "resource", type: "aws_no_such_thing" }),
      findSchema("aws", { kind: "resource", type: "aws_ami_ids" }),
      findSchema("aws", { kind: "resource", type: "aws_wafv2_web_acl" }),
      findSchema("awscc", { kind: "resource", type: "awscc_no_such_thing" }),
      findSchema("tls", { kind: "resource", type: "tls_no_such_thing" }),
    ];

    expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(readBindings("export const nothing = 1;")).toBeUndefined();
  });
});

describe("the types that a configuration names", () => {
  it("are those of the root and of the modules that it calls, in both syntaxes", async () => {
    const dir = mkdtempSync(join(tmpdir(), "named-types-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    };
    write(".terraform/modules/modules.json", JSON.stringify({ Modules: [{ Dir: "." }, { Dir: "m" }] }));
    write("main.tf", 'data "aws_ami" "a" {}\nresource "aws_instance" "i" {\n}\n# resource "aws_no" "n" {}\n');
    write("m/main.tf.json", JSON.stringify({ resource: [{ aws_vpc: { v: {} } }], data: { aws_ami: { b: {} } } }));
    write("m/broken.tf.json", "{");
    write("elsewhere/main.tf", 'resource "aws_eip" "e" {}\n');

    expect(await namedTypes(dir)).toEqual([
      { kind: "data", type: "aws_ami" },
      { kind: "resource", type: "aws_instance" },
      { kind: "resource", type: "aws_vpc" },
    ]);
  });
});

describe("values that are made up", () => {
  const context = { account: "1", partition: "aws", region: "eu-west-1", defaultTags: {}, owner: "o" };

  it("are the same for the same configuration, and differ between resources that are configured alike", () => {
    const serials = () => {
      const types = new MadeUpTypes(async () => []);
      return ["a", "a", "b"].map((ami) => types.serial("aws_instance", { ami }));
    };

    expect(serials()).toEqual(serials());
    expect(new Set(serials()).size).toBe(3);
  });

  it("have the form of an ARN where aws gives one", () => {
    const { computed = {} } = madeUpRules("aws_instance");

    expect(computed.arn?.({}, context, "0123456789abcdef")).toBe("arn:aws:instance:eu-west-1:1:instance/0123456789ab");
    expect(madeUpRules("tls_private_key").computed).not.toHaveProperty("arn");
  });

  it("answer a data source by what it was asked, and leave alone what it was told", async () => {
    const schema = await findSchema("aws", { kind: "data", type: "aws_vpc" });
    if (schema === undefined) throw new Error("aws_vpc has no schema");
    const ask = (config: { id: string | null; tags: { a: string } }) =>
      madeUpAnswer(schema, "aws_vpc", config, context);

    expect(ask({ id: null, tags: { a: "b" } })).toEqual(ask({ id: null, tags: { a: "b" } }));
    expect(ask({ id: null, tags: { a: "b" } })).not.toEqual(ask({ id: null, tags: { a: "c" } }));
    expect(ask({ id: "vpc-1", tags: { a: "b" } })).not.toHaveProperty("id");
  });
});

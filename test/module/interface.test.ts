import { beforeAll, describe, expect, it } from "vitest";
import { loadSchema } from "../../lab/terraform/load-schema.ts";
import additional from "./additional-inputs.json" with { type: "json" };
import additionalOutputs from "./additional-outputs.json" with { type: "json" };
import documented from "./interface.json" with { type: "json" };
import { expression, MODULE_DIR, type ParsedModule, parseModule } from "./parse-module.ts";

interface DocumentedInput {
  required?: boolean;
  type: string;
  default?: unknown;
  description: string;
  sensitive?: boolean;
}
interface DocumentedOutput {
  description: string;
  sensitive?: boolean;
}

const inputs: Record<string, DocumentedInput> = documented.inputs;
const additions: Record<string, { type: string; default: unknown }> = additional.inputs;
const outputs: Record<string, DocumentedOutput> = documented.outputs;
const moreOutputs: Record<string, DocumentedOutput> = additionalOutputs.outputs;

let module: ParsedModule;
beforeAll(async () => {
  module = await parseModule(MODULE_DIR);
});

describe("the module's inputs", () => {
  it("are the documented ones and the listed additions, no more and no fewer", () => {
    expect(Object.keys(module.variables).sort()).toEqual([...Object.keys(inputs), ...Object.keys(additions)].sort());
  });

  it.each(Object.entries(additions))("has %s in addition, optional, described and validated", (name, addition) => {
    const variable = module.variables[name] ?? {};

    expect(inputs).not.toHaveProperty(name);
    expect({ type: expression(variable.type), default: variable.default }).toEqual(addition);
    expect(variable.description).toMatch(/\w.*\.$/);
    // A boolean can only be right.
    if (addition.type !== "bool") expect(variable.validation).not.toHaveLength(0);
  });

  it.each(Object.entries(inputs))("has %s as documented", (name, input) => {
    const variable = module.variables[name] ?? {};

    expect({
      type: expression(variable.type),
      description: variable.description,
      required: !("default" in variable),
      default: variable.default,
      sensitive: variable.sensitive ?? false,
    }).toEqual({
      type: input.type,
      description: input.description,
      required: input.required ?? false,
      default: input.default,
      sensitive: input.sensitive ?? false,
    });
  });

  it("tell null from a value only where null is the default", () => {
    const nullable = Object.entries(module.variables)
      .filter(([, { nullable }]) => nullable !== false)
      .map(([name]) => name);
    const withNull = Object.entries({ ...inputs, ...additions })
      .filter(([, input]) => input.default === null)
      .map(([name]) => name);

    expect(nullable.sort()).toEqual(withNull.sort());
  });
});

describe("the module's outputs", () => {
  it("are the documented ones and the listed additions, no more and no fewer", () => {
    expect(Object.keys(moreOutputs).filter((name) => name in outputs)).toEqual([]);
    expect(Object.keys(module.outputs).sort()).toEqual([...Object.keys(outputs), ...Object.keys(moreOutputs)].sort());
  });

  it.each(Object.entries({ ...outputs, ...moreOutputs }))("has %s as documented", (name, output) => {
    const { description, sensitive = false } = module.outputs[name] ?? {};

    expect({ description, sensitive }).toEqual({
      description: output.description,
      sensitive: output.sensitive ?? false,
    });
  });
});

describe("the module", () => {
  it("requires the documented versions, but for those that are narrower on purpose", () => {
    const [block, ...others] = module.terraform;
    const [required] = Array.isArray(block?.required_providers) ? block.required_providers : [];
    const versions = Object.entries(Object(required)).map(([name, each]) => [name, Object(each).version]);

    expect(others).toEqual([]);
    const narrowed = Object.entries(documented.requirements_narrowed_on_purpose).map(([name, each]) => [
      name,
      each.version,
    ]);
    expect({ terraform: block?.required_version, ...Object.fromEntries(versions) }).toEqual({
      ...documented.requirements,
      ...Object.fromEntries(narrowed),
    });
  });

  it("takes every provider from its own registry address", () => {
    const [block] = module.terraform;
    const [required] = Array.isArray(block?.required_providers) ? block.required_providers : [];
    const sources = Object.entries(Object(required)).map(([name, each]) => [name, Object(each).source]);

    expect(Object.fromEntries(sources)).toEqual({
      archive: "hashicorp/archive",
      aws: "hashicorp/aws",
      awscc: "hashicorp/awscc",
      github: "integrations/github",
      random: "hashicorp/random",
    });
  });

  it.each(documented.resources)("has %s under its documented address", (address) => {
    expect(Object.keys(module.resources)).toContain(address);
  });

  it("has no provider, backend or cloud block", () => {
    expect([...module.kinds]).not.toContain("provider");
    for (const block of module.terraform) {
      expect(Object.keys(block).sort()).toEqual(["required_providers", "required_version"]);
    }
  });

  it("runs nothing on the user's machine", () => {
    const types = [...Object.keys(module.resources), ...Object.keys(module.data)].map(
      (address) => address.split(".")[0],
    );
    const bodies = [...Object.values(module.resources), ...Object.values(module.data)];

    for (const type of ["external", "null_resource", "terraform_data", "local_file", "http"]) {
      expect(types).not.toContain(type);
    }
    for (const body of bodies) {
      expect(body).not.toHaveProperty("provisioner");
      expect(body).not.toHaveProperty("connection");
    }
    expect(module.text).not.toMatch(/local-exec|remote-exec/);
  });

  it("writes an archive only where the image is not the module's own", () => {
    const archives = Object.entries(module.data).filter(([address]) => address.startsWith("archive_file."));

    expect(archives.map(([, body]) => expression(body.count ?? body.for_each))).toEqual([
      "local.customised ? 1 : 0",
      "local.class_contexts",
    ]);
  });

  it("reaches no other module", () => {
    expect([...module.kinds]).not.toContain("module");
  });

  it("tags everything that takes tags", () => {
    const schemas = { ...loadSchema("aws").resource_schemas, ...loadSchema("awscc").resource_schemas };
    const untagged = Object.entries(module.resources)
      .filter(([address]) => schemas[address.split(".")[0] ?? ""]?.block.attributes?.tags !== undefined)
      .filter(([, body]) => !String(body.tags).includes("local.tags"))
      .map(([address]) => address);

    expect(untagged).toEqual([]);
  });
});

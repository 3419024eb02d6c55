import { TerraformOutput, TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { attribute, block } from "../hcl/build.ts";
import { explain } from "../synth/explain.ts";
import { asAny, asString } from "../synth/hcl-token.ts";
import { OtherBlock } from "../synth/other-block.ts";
import type { Section } from "./input.ts";
import { INPUT_SECTIONS } from "./inputs.ts";
import { OUTPUT_SECTIONS } from "./outputs.ts";
import { REQUIRED_PROVIDERS, REQUIRED_VERSION } from "./versions.ts";

/** The inputs, a heading above each section of them. */
export class Variables extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addSections(this, INPUT_SECTIONS, ({ name, type, description, nullable, sensitive, validations, ...input }) => {
      new TerraformVariable(this, `variable.${name}`, {
        type: asString(type),
        description,
        ...(input.default === undefined ? {} : { default: asAny(input.default) }),
        ...(nullable === true ? {} : { nullable: false }),
        ...(sensitive === true ? { sensitive } : {}),
        validation: (validations ?? []).map(({ condition, errorMessage }) => ({
          condition: asAny(condition),
          errorMessage,
        })),
      });
    });
  }
}

/** The outputs, a heading above each section of them. */
export class Outputs extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addSections(this, OUTPUT_SECTIONS, ({ name, description, value, sensitive }) => {
      new TerraformOutput(this, `output.${name}`, {
        description,
        value: asAny(value),
        ...(sensitive === true ? { sensitive } : {}),
      });
    });
  }
}

/** The versions of Terraform and of the providers that the module runs on. */
export class Versions extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const providers = Object.entries(REQUIRED_PROVIDERS).map(([name, provider]) => attribute(name, provider));
    new OtherBlock(this, "terraform", "terraform", [
      attribute("required_version", REQUIRED_VERSION),
      block("required_providers", [], providers),
    ]);
  }
}

const RULE = "-".repeat(77);

function addSections<Entry>(file: Construct, all: readonly Section<Entry>[], add: (entry: Entry) => void): void {
  for (const { title, entries } of all) {
    explain(new Construct(file, `section.${title}`), `${RULE}\n${title}\n${RULE}`);
    for (const entry of entries) add(entry);
  }
}

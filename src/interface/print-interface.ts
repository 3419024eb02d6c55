import { attribute, blank, block, comment } from "../hcl/build.ts";
import type { Block, Body, Item } from "../hcl/model.ts";
import type { Input, Output, Validation } from "./input.ts";
import { INPUT_SECTIONS } from "./inputs.ts";
import { OUTPUT_SECTIONS } from "./outputs.ts";
import type { Section } from "./section.ts";
import { REQUIRED_PROVIDERS, REQUIRED_VERSION } from "./versions.ts";

/** Body of variables.tf. */
export function variablesBody(): Body {
  return sections(INPUT_SECTIONS, variable);
}

/** Body of outputs.tf. */
export function outputsBody(): Body {
  return sections(OUTPUT_SECTIONS, output);
}

/** Body of versions.tf. */
export function versionsBody(): Body {
  return [
    block(
      "terraform",
      [],
      [
        attribute("required_version", REQUIRED_VERSION),
        block(
          "required_providers",
          [],
          Object.entries(REQUIRED_PROVIDERS).map(([name, provider]) => attribute(name, provider)),
        ),
      ],
    ),
  ];
}

/** Attributes in the order of HashiCorp's style guide. */
function variable(input: Input): Block {
  return block(
    "variable",
    [input.name],
    [
      attribute("type", input.type),
      attribute("description", input.description),
      ...(input.default === undefined ? [] : [attribute("default", input.default)]),
      ...(input.nullable === true ? [] : [attribute("nullable", false)]),
      ...(input.sensitive === true ? [attribute("sensitive", true)] : []),
      ...(input.validations ?? []).map(validation),
    ],
  );
}

function validation({ condition, errorMessage }: Validation): Block {
  return block("validation", [], [attribute("condition", condition), attribute("error_message", errorMessage)]);
}

function output({ name, description, value, sensitive }: Output): Block {
  return block(
    "output",
    [name],
    [
      attribute("description", description),
      attribute("value", value),
      ...(sensitive === true ? [attribute("sensitive", true)] : []),
    ],
  );
}

const RULE = "-".repeat(77);

function sections<Entry>(all: readonly Section<Entry>[], print: (entry: Entry) => Block): Item[] {
  return all.flatMap(({ title, entries }, index): Item[] => [
    ...(index === 0 ? [] : [blank]),
    comment(`${RULE}\n${title}\n${RULE}`),
    blank,
    ...entries.map(print),
  ]);
}

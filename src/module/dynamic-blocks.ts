import type { TerraformElement } from "cdktf";
import type { Literal } from "../hcl/model.ts";
import { asAny } from "../synth/hcl-token.ts";

/**
 * Adds blocks of a type that are made for each element of a value; in the content, the type is the name of the
 * element's reference. cdktf has either these or single ones for each type of block, and the module needs both
 * together.
 */
export function addDynamicBlocks(element: TerraformElement, type: string, forEach: Literal, content: unknown): void {
  element.addOverride(`dynamic.${type}`, { for_each: asAny(forEach), content });
}

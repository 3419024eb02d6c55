import { TerraformElement } from "cdktf";
import type { Construct } from "constructs";
import { block } from "../hcl/build.ts";
import type { Block, Body } from "../hcl/model.ts";

/** Blocks that cdktf has no construct for. */
export type OtherType = "check" | "moved" | "removed" | "terraform";

/** A block that cdktf has no construct for; what else there is has its own construct. */
export class OtherBlock extends TerraformElement {
  readonly block: Block;

  /** The last part of the id is its label, if the type has one. */
  constructor(scope: Construct, id: string, type: OtherType, body: Body) {
    super(scope, id);
    this.block = block(type, type === "check" ? [id.split(".").at(-1) ?? id] : [], body);
  }
}

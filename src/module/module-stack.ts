import { type App, type TerraformElement, TerraformStack } from "cdktf";
import type { Construct } from "constructs";

const COMMENT = "gha:comment";

/**
 * The stack that holds the module. A construct's id is `<kind>.<name>`, where the kind keeps ids apart and the name is the
 * element's name in Terraform: no hash, and the same in every build.
 */
export class ModuleStack extends TerraformStack {
  constructor(app: App) {
    super(app, "module");
  }

  protected override allocateLogicalId(element: TerraformElement): string {
    return element.node.id.split(".").at(-1) ?? element.node.id;
  }
}

/** Puts a comment above the element's block. */
export function explain<Element extends Construct>(element: Element, comment: string): Element {
  element.node.addMetadata(COMMENT, comment);
  return element;
}

/** The comment that {@link explain} put on an element. */
export function commentOf(element: Construct): string | undefined {
  const entry = element.node.metadata.find(({ type }) => type === COMMENT);
  return entry === undefined ? undefined : String(entry.data);
}

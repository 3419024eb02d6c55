import { type App, type TerraformElement, TerraformStack } from "cdktf";

/**
 * The stack that holds the module. A construct's id is `<kind>.<name>`, where the kind keeps ids apart and the name is
 * the element's name in Terraform: no hash, and the same in every build.
 */
export class ModuleStack extends TerraformStack {
  constructor(app: App) {
    super(app, "module");
  }

  protected override allocateLogicalId(element: TerraformElement): string {
    return element.node.id.split(".").at(-1) ?? element.node.id;
  }
}

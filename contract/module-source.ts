/** Address of the module in the Terraform Registry: `<NAMESPACE>/<NAME>/<PROVIDER>`. */
export const MODULE_SOURCE = "mkdev-me/github-runner-lambda-microvms/aws";

/** The version that the documents of this repository tell to use; a release puts its own in their place. */
export const DOCUMENTED_VERSION = "1.0.0";

const [NAMESPACE, NAME, PROVIDER] = MODULE_SOURCE.split("/");

/** Where the Registry takes that module from (https://developer.hashicorp.com/terraform/registry/modules/publish). */
export const REPOSITORY_URL = `https://github.com/${NAMESPACE}/terraform-${PROVIDER}-${NAME}`;

/** The constraint that takes the fixes of a version and nothing else. */
export function constraintFor(version: string): string {
  return `~> ${version.replace(/\.\d+$/, ".0")}`;
}

import { constraintFor, MODULE_SOURCE } from "../../contract/module-source.ts";

/** Names a version in each call of the module in a document. */
export function stampVersion(text: string, version: string): string {
  const call = new RegExp(`(source\\s*=\\s*"${MODULE_SOURCE}"\\s+version\\s*=\\s*)"[^"]*"`, "g");
  return text.replaceAll(call, (_, before: string) => `${before}"${constraintFor(version)}"`);
}

import type { DispatcherEnvironment } from "../../contract/environment.ts";
import { type RunnerClassesDocument, runnerClasses } from "../../contract/runner-classes.ts";
import { parseSecret } from "../../dispatcher/config.ts";
import type { AwsReader } from "./aws-reader.ts";

/** The runner classes beside the default, as the functions are told them. Throws a DispatcherError. */
export async function readClasses(
  aws: Pick<AwsReader, "parameter">,
  { CLASSES_PARAM: name }: Pick<DispatcherEnvironment, "CLASSES_PARAM">,
): Promise<RunnerClassesDocument> {
  return name === "" ? {} : parseSecret(runnerClasses, name, await aws.parameter(name));
}

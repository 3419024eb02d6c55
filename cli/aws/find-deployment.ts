import { type DispatcherEnvironment, dispatcherEnvironment } from "../../contract/environment.ts";
import { functionName } from "../../contract/names.ts";
import { parseEnvironment } from "../../dispatcher/config.ts";
import { ConfigurationError, DispatcherError, NotFoundError } from "../../dispatcher/errors.ts";
import { UsageError } from "../usage-error.ts";
import type { AwsReader } from "./aws-reader.ts";

/** A deployment of the module, as the environment of its dispatcher function describes it. */
export interface Deployment {
  prefix: string;
  settings: DispatcherEnvironment;
}

/** Finds the deployment by its `name_prefix`: every other name stands in its dispatcher's environment. */
export async function findDeployment(aws: AwsReader, prefix: string): Promise<Deployment> {
  const name = functionName(prefix, "dispatcher");
  try {
    const environment = await aws.functionEnvironment(name);
    return { prefix, settings: parseEnvironment(dispatcherEnvironment, environment) };
  } catch (error: unknown) {
    if (error instanceof NotFoundError) {
      throw new UsageError(`no function ${name} in ${aws.region}: check --name-prefix, the Region and the account`);
    }
    if (error instanceof ConfigurationError) {
      throw new UsageError(`function ${name} is of another version than this command (${error.message})`);
    }
    if (error instanceof DispatcherError) throw new UsageError(error.message);
    throw error;
  }
}

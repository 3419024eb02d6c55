import { functionName } from "../../contract/names.ts";
import { NotFoundError } from "../../dispatcher/errors.ts";
import type { SetupContext } from "./context.ts";

/** Whether the module is applied: its dispatcher function is there. */
export async function isDeployed({ aws, prefix }: Pick<SetupContext, "aws" | "prefix">): Promise<boolean> {
  try {
    await aws.functionEnvironment(functionName(prefix, "dispatcher"));
    return true;
  } catch (error: unknown) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

import type { WebhookEnvironment } from "../../contract/environment.ts";
import type { RunnerClassesDocument } from "../../contract/runner-classes.ts";
import { NotFoundError } from "../../dispatcher/errors.ts";

/** The parameter that holds the runner classes: each write is a version, and none of them ever changes. */
export interface ClassParameter {
  /** Writes a version; returns its name as the functions are told it, empty where there are no classes. */
  put(document: RunnerClassesDocument): string;
  /** The text of a version. */
  read(name: string): string;
  /** What the webhook function is told otherwise than the dispatcher: an apply changes it first. */
  webhook: Partial<WebhookEnvironment>;
}

export function createClassParameter(): ClassParameter {
  const versions: string[] = [];
  return {
    put(document) {
      if (Object.keys(document).length === 0) return "";
      versions.push(JSON.stringify(document));
      return `/gha/classes:${versions.length}`;
    },
    read(name) {
      const text = versions[Number(name.split(":")[1]) - 1];
      if (text === undefined) throw new NotFoundError(`there is no parameter ${name}`);
      return text;
    },
    webhook: {},
  };
}

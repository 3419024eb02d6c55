import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

/** A change to one file, and a file that must then not compile. */
interface OneSided {
  what: string;
  in: string;
  replace: RegExp;
  by: string;
  breaks: string;
}

const EVENTS = "contract/events.ts";
const ENVIRONMENT = "contract/environment.ts";
const PERMISSIONS = "contract/permissions.ts";
const METRICS = "contract/metrics.ts";
const RUNNER_INPUTS = "src/interface/runner-inputs.ts";
const JUDGE = "cli/core/judge-github.ts";

const LOGGED = /, JOB_EXHAUSTED, \{ /;
/** A flow that logs the event of the alarm. */
const [FLOW = ""] = globSync("dispatcher/flows/*.ts", { cwd: PROJECT_ROOT }).filter((path) =>
  LOGGED.test(readFileSync(join(PROJECT_ROOT, path), "utf8")),
);

const CHANGES: readonly OneSided[] = [
  {
    what: "an event renamed in the contract",
    in: EVENTS,
    replace: /const JOB_EXHAUSTED/,
    by: "const JOB_GIVEN_UP",
    breaks: METRICS,
  },
  { what: "an event renamed where it is logged", in: FLOW, replace: LOGGED, by: ', "job.given_up", { ', breaks: FLOW },
  {
    what: "an event renamed where it is counted",
    in: METRICS,
    replace: /JOB_EXHAUSTED\)/,
    by: "JOB_GIVEN_UP)",
    breaks: METRICS,
  },
  {
    what: "a field renamed in the contract",
    in: EVENTS,
    replace: /launches: "number"/,
    by: 'launchCount: "number"',
    breaks: FLOW,
  },
  {
    what: "a field added where it is logged",
    in: FLOW,
    replace: LOGGED,
    by: ", JOB_EXHAUSTED, { launchCount: 1, ",
    breaks: FLOW,
  },
  {
    what: "a field counted that the event has not",
    in: METRICS,
    replace: /value: "wasted"/,
    by: 'value: "launchesWasted"',
    breaks: METRICS,
  },
  {
    what: "a bound widened in the schema",
    in: ENVIRONMENT,
    replace: /LIMITS\.maxDurationSeconds/,
    by: "{ low: 60, high: 86_400 }",
    breaks: ENVIRONMENT,
  },
  {
    what: "a bound widened in the validation",
    in: RUNNER_INPUTS,
    replace: /(seconds"\), )LIMITS\.maxDurationSeconds/,
    by: "$1{ low: 60, high: 86_400 }",
    breaks: RUNNER_INPUTS,
  },
  {
    what: "a bound made beside the contract",
    in: ENVIRONMENT,
    replace: /LIMITS\.maxConcurrency/,
    by: "new Limit(0, 9_000)",
    breaks: ENVIRONMENT,
  },
  {
    what: "a permission dropped from the contract",
    in: PERMISSIONS,
    replace: /\n {2}administration: \{/,
    by: "\n  issues: {",
    breaks: PERMISSIONS,
  },
  {
    what: "a permission asked for beside the contract",
    in: JUDGE,
    replace: /return \{ \.\.\.\(inGroup/,
    by: 'return { issues: "read", ...(inGroup',
    breaks: JUDGE,
  },
];

const at = (path: string) => join(PROJECT_ROOT, path);

const parsed = ts.parseJsonConfigFileContent(
  ts.readConfigFile(at("tsconfig.json"), ts.sys.readFile).config,
  ts.sys,
  PROJECT_ROOT,
);

/** The project as those files need it, with `changed` in place of a file's text. */
function compile(previous?: ts.Program, changed?: { path: string; text: string }): ts.Program {
  const host = ts.createCompilerHost(parsed.options);
  const { getSourceFile } = host;
  host.getSourceFile = (path, version, ...rest) => {
    if (path === changed?.path) return ts.createSourceFile(path, changed.text, version);
    return previous?.getSourceFile(path) ?? getSourceFile.call(host, path, version, ...rest);
  };
  const roots = [...new Set(CHANGES.map(({ breaks }) => at(breaks)))];
  return ts.createProgram(roots, parsed.options, host);
}

function errorsIn(program: ts.Program, path: string): string[] {
  const diagnostics = program.getSemanticDiagnostics(program.getSourceFile(at(path)));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

describe("what two sides must agree on", () => {
  let untouched: ts.Program;
  beforeAll(() => {
    untouched = compile();
  });

  it("compiles as it is", () => {
    for (const { breaks } of CHANGES) expect(errorsIn(untouched, breaks), breaks).toEqual([]);
  });

  it.each(CHANGES)("does not compile with $what", ({ in: path, replace, by, breaks }) => {
    const text = readFileSync(at(path), "utf8");
    const changed = { path: at(path), text: text.replace(replace, by) };

    expect(changed.text).not.toBe(text);
    expect(errorsIn(compile(untouched, changed), breaks)).not.toEqual([]);
  });
});

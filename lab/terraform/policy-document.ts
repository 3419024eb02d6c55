import { crc32 } from "node:zlib";
import { type DataSourceBehaviour, type Problem, ProviderError, type Value, type Values } from "./behaviour.ts";
import { isObject } from "./dynamic-value.ts";

/** A statement as IAM spells it; key order is the provider's. */
interface Statement {
  Sid?: string;
  [element: string]: Value | undefined;
}

interface Document {
  version: string;
  id: string;
  statements: Statement[];
}

/** `aws_iam_policy_document`, evaluated as the provider does it: the same text, character by character. */
export const policyDocument: DataSourceBehaviour = {
  validate(config) {
    return blocks(config.statement).flatMap(statementProblems).concat(versionProblems(config.version));
  },
  read(config) {
    const version = textOf(config.version) || "2012-10-17";
    const merged: Document = { version: "", id: "", statements: [] };
    const sids = new Set<string>();
    for (const [index, source] of texts(config.source_policy_documents).entries()) {
      const document = parse(source, index, "merging source document");
      for (const { Sid: sid } of document.statements) {
        if (sid !== undefined && sids.has(sid)) {
          throw new ProviderError(
            `writing IAM Policy Document: merging source document ${index}: duplicate Sid (${sid}) in source_policy_documents. Remove the Sid or ensure Sids are unique.`,
          );
        }
        if (sid !== undefined) sids.add(sid);
      }
      merge(merged, document);
    }
    const statements = blocks(config.statement).map((block) => statementOf(block, version));
    assertDistinct(statements);
    merge(merged, { version, id: textOf(config.policy_id), statements });
    for (const [index, override] of texts(config.override_policy_documents).entries()) {
      merge(merged, parse(override, index, "merging override document"));
    }
    const document = ordered(merged);
    const json = goJson(document, 2);
    return { json, minified_json: goJson(document, 0), id: String(crc32(json)), version };
  },
};

function statementProblems(block: Values, index: number): Problem[] {
  const { effect, sid } = block;
  const problems: Problem[] = [];
  const at = (name: string) => ["statement", index, name];
  if (typeof effect === "string" && effect !== "Allow" && effect !== "Deny") {
    problems.push({ summary: `expected effect to be one of ["Allow" "Deny"], got ${effect}`, attribute: at("effect") });
  }
  if (typeof sid === "string" && !/^[a-zA-Z0-9]*$/.test(sid)) {
    problems.push({
      summary: `invalid value for sid (must only include alphanumeric characters)`,
      attribute: at("sid"),
    });
  }
  return problems;
}

function versionProblems(version: Value | undefined): Problem[] {
  if (typeof version !== "string" || version === "2008-10-17" || version === "2012-10-17") return [];
  return [
    { summary: `expected version to be one of ["2008-10-17" "2012-10-17"], got ${version}`, attribute: ["version"] },
  ];
}

function statementOf(block: Values, version: string): Statement {
  const list = (name: string) => oneOrSorted(texts(block[name]));
  const expanded = (name: string) => oneOrSorted(texts(block[name]).map((each) => expand(each, version)));
  return {
    ...present("Sid", textOf(block.sid) || undefined),
    Effect: textOf(block.effect) || "Allow",
    ...present("Action", list("actions")),
    ...present("NotAction", list("not_actions")),
    ...present("Resource", expanded("resources")),
    ...present("NotResource", expanded("not_resources")),
    ...present("Principal", principals(blocks(block.principals), version)),
    ...present("NotPrincipal", principals(blocks(block.not_principals), version)),
    ...present("Condition", conditions(blocks(block.condition), version)),
  };
}

/** A lone value stands for itself; more are sorted backwards, as the provider has always done. */
function oneOrSorted(values: string[]): Value | undefined {
  if (values.length === 0) return undefined;
  return values.length === 1 ? values[0] : [...values].sort(byBytes).reverse();
}

function principals(given: Values[], version: string): Value | undefined {
  if (given.length === 0) return undefined;
  const byType: Record<string, string[]> = {};
  const single: Record<string, boolean> = {};
  for (const block of given) {
    const type = textOf(block.type);
    const identifiers = texts(block.identifiers).map((each) => expand(each, version));
    single[type] = identifiers.length === 1 && byType[type] === undefined;
    byType[type] = [...(byType[type] ?? []), ...[...identifiers].sort(byBytes).reverse()];
  }
  if (Object.keys(byType).length === 1 && byType["*"]?.length === 1 && byType["*"][0] === "*") return "*";
  const entries = Object.entries(byType).map(([type, ids]): [string, Value] => [
    type,
    single[type] ? (ids[0] ?? "") : ids,
  ]);
  return sortedKeys(Object.fromEntries(entries));
}

function conditions(given: Values[], version: string): Value | undefined {
  if (given.length === 0) return undefined;
  const tests: Record<string, Record<string, string[]>> = {};
  for (const block of given) {
    const test = textOf(block.test);
    const variable = textOf(block.variable);
    const variables = tests[test] ?? {};
    tests[test] = variables;
    const values = texts(block.values).map((each) => expand(each, version));
    variables[variable] = [...(variables[variable] ?? []), ...values];
  }
  const entries = Object.entries(tests).map(([test, variables]): [string, Value] => {
    const flat = Object.entries(variables).map(([name, values]): [string, Value] => [
      name,
      values.length === 1 ? (values[0] ?? "") : values,
    ]);
    return [test, sortedKeys(Object.fromEntries(flat))];
  });
  return sortedKeys(Object.fromEntries(entries));
}

/** `&{` stands for `${`, which Terraform would interpolate. */
function expand(value: string, version: string): string {
  if (version === "2008-10-17" && value.includes("&{")) {
    throw new ProviderError(`found &{ sequence in (${value}), which is not supported in document version 2008-10-17`);
  }
  return value.replaceAll("&{", "${");
}

function assertDistinct(statements: Statement[]): void {
  const seen = new Set<string>();
  for (const { Sid: sid } of statements) {
    if (sid === undefined) continue;
    if (seen.has(sid)) {
      throw new ProviderError(
        `writing IAM Policy Document: duplicate Sid (${sid}). Remove the Sid or ensure the Sid is unique.`,
      );
    }
    seen.add(sid);
  }
}

function parse(source: string, index: number, doing: string): Document {
  let document: Value;
  try {
    document = JSON.parse(source);
  } catch (error: unknown) {
    throw new ProviderError(`writing IAM Policy Document: ${doing} ${index}: ${String(error)}`);
  }
  if (!isObject(document)) throw new ProviderError(`writing IAM Policy Document: ${doing} ${index}: not an object`);
  const { Statement: given } = document;
  const statements = (Array.isArray(given) ? given : [given]).filter((item) => isObject(item)).map(reread);
  return { version: textOf(document.Version), id: textOf(document.Id), statements };
}

/** A statement of another document, through the provider's own model: lists keep their order, keys get its. */
function reread(statement: Values): Statement {
  const {
    Sid: sid,
    Effect: effect,
    Principal: principal,
    NotPrincipal: notPrincipal,
    Condition: condition,
  } = statement;
  return {
    ...present("Sid", textOf(sid) || undefined),
    ...present("Effect", textOf(effect) || undefined),
    ...present("Action", statement.Action),
    ...present("NotAction", statement.NotAction),
    ...present("Resource", statement.Resource),
    ...present("NotResource", statement.NotResource),
    ...present("Principal", principal === undefined ? undefined : rereadPrincipal(principal)),
    ...present("NotPrincipal", notPrincipal === undefined ? undefined : rereadPrincipal(notPrincipal)),
    ...present("Condition", isObject(condition) ? rereadConditions(condition) : undefined),
  };
}

function rereadPrincipal(principal: Value): Value {
  if (!isObject(principal)) return "*";
  const entries = Object.entries(principal).map(([type, ids]): [string, Value] => [
    type,
    Array.isArray(ids) ? texts(ids).sort(byBytes).reverse() : ids,
  ]);
  return sortedKeys(Object.fromEntries(entries));
}

function rereadConditions(tests: Values): Value {
  const entries = Object.entries(tests).map(([test, variables]): [string, Value] => {
    const flat = Object.entries(isObject(variables) ? variables : {}).map(([name, value]): [string, Value] => {
      const values = (Array.isArray(value) ? value : [value]).map(String);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    });
    return [test, sortedKeys(Object.fromEntries(flat))];
  });
  return sortedKeys(Object.fromEntries(entries));
}

/** Takes over a document: its id, a newer version, and its statements in place of those with the same Sid. */
function merge(into: Document, document: Document): void {
  if (document.id !== "") into.id = document.id;
  if (document.version > into.version) into.version = document.version;
  for (const statement of document.statements) {
    const same = into.statements.findIndex(({ Sid: sid }) => sid !== undefined && sid === statement.Sid);
    if (same === -1) into.statements.push(statement);
    else into.statements[same] = statement;
  }
}

function ordered({ version, id, statements }: Document): object {
  return {
    ...present("Version", version || undefined),
    ...present("Id", id || undefined),
    ...(statements.length === 0 ? {} : { Statement: statements }),
  };
}

/** JSON as Go's encoder prints it: angle brackets and ampersands escaped. */
function goJson(value: object, indent: number): string {
  return JSON.stringify(value, null, indent).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function present(name: string, value: Value | undefined): Values {
  return value === undefined ? {} : { [name]: value };
}

function sortedKeys(values: Values): Values {
  return Object.fromEntries(Object.entries(values).sort(([left], [right]) => byBytes(left, right)));
}

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function blocks(value: Value | undefined): Values[] {
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : [];
}

function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

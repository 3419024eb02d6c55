/**
 * Makes `api.json`, the part of GitHub's OpenAPI description that the simulator serves, from npm `@octokit/openapi`.
 * That package is too large to depend on; to renew the extract, install it outside the project and name its file:
 *
 *     npm install --prefix "$DIR" @octokit/openapi@23.0.2
 *     tsx lab/github/extract-api.ts "$DIR/node_modules/@octokit/openapi/generated/api.github.com.json"
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Path to the methods that are served of it. */
const SERVED: Record<string, readonly string[]> = {
  "/app": ["get"],
  "/app-manifests/{code}/conversions": ["post"],
  "/app/hook/config": ["get", "patch"],
  "/app/hook/deliveries": ["get"],
  "/app/hook/deliveries/{delivery_id}": ["get"],
  "/app/hook/deliveries/{delivery_id}/attempts": ["post"],
  "/app/installation-requests": ["get"],
  "/app/installations": ["get"],
  "/app/installations/{installation_id}": ["get", "delete"],
  "/app/installations/{installation_id}/access_tokens": ["post"],
  "/installation/repositories": ["get"],
  "/installation/token": ["delete"],
  "/orgs/{org}/installation": ["get"],
  "/orgs/{org}/actions/runner-groups": ["get"],
  "/orgs/{org}/actions/runners": ["get"],
  "/orgs/{org}/actions/runners/downloads": ["get"],
  "/orgs/{org}/actions/runners/generate-jitconfig": ["post"],
  "/orgs/{org}/actions/runners/{runner_id}": ["get", "delete"],
  "/orgs/{org}/hooks": ["get", "post"],
  "/orgs/{org}/hooks/{hook_id}": ["get", "patch", "delete"],
  "/orgs/{org}/hooks/{hook_id}/deliveries": ["get"],
  "/orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}": ["get"],
  "/orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts": ["post"],
  "/rate_limit": ["get"],
  "/repos/{owner}/{repo}": ["get"],
  "/repos/{owner}/{repo}/installation": ["get"],
  "/repos/{owner}/{repo}/actions/jobs/{job_id}": ["get"],
  "/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun": ["post"],
  "/repos/{owner}/{repo}/actions/runners": ["get"],
  "/repos/{owner}/{repo}/actions/runners/downloads": ["get"],
  "/repos/{owner}/{repo}/actions/runners/generate-jitconfig": ["post"],
  "/repos/{owner}/{repo}/actions/runners/{runner_id}": ["get", "delete"],
  "/repos/{owner}/{repo}/actions/runs": ["get"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}": ["get"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}/cancel": ["post"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs": ["get"],
  "/repos/{owner}/{repo}/hooks": ["get", "post"],
  "/repos/{owner}/{repo}/hooks/{hook_id}": ["get", "patch", "delete"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries": ["get"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}": ["get"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts": ["post"],
  "/user": ["get"],
  "/users/{username}": ["get"],
  "/users/{username}/installation": ["get"],
};

/** Of GitHub's changelog of 2026-09-03, which the description does not have yet; its operation ids are ours. */
const deprecations = (operationId: string, owner: readonly string[]): Node => ({
  get: {
    operationId,
    parameters: [
      ...owner.map((name) => ({ $ref: `#/components/parameters/${name}` })),
      { name: "version", in: "path", required: true, schema: { type: "string" } },
    ],
    responses: {
      "200": {
        content: {
          "application/json": {
            schema: {
              type: "object",
              required: ["runner_version", "registration_deprecates_at", "runtime_deprecates_at"],
              properties: {
                runner_version: { type: "string" },
                registration_deprecates_at: { type: "string", format: "date-time", nullable: true },
                runtime_deprecates_at: { type: "string", format: "date-time", nullable: true },
              },
            },
          },
        },
      },
      "404": { $ref: "#/components/responses/not_found" },
    },
  },
});
const ADDED: Node = {
  "/orgs/{org}/actions/runners/deprecations/{version}": deprecations("actions/get-runner-deprecation-for-org", ["org"]),
  "/repos/{owner}/{repo}/actions/runners/deprecations/{version}": deprecations(
    "actions/get-runner-deprecation-for-repo",
    ["owner", "repo"],
  ),
};

/** Says nothing about what is valid, and makes up most of the description. */
const PROSE = new Set(["description", "example", "examples", "externalDocs", "title", "tags"]);

type Node = { [name: string]: Json };
type Json = string | number | boolean | null | Json[] | Node;

const isNode = (value: Json | undefined): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const nothing: Node = { type: "string", nullable: true, enum: [null] };

/**
 * `nullable` as validators take it: beside `enum` it needs null among the values, and without `type` it says nothing.
 * Properties may be called `description` too, so their names are kept whatever they are.
 */
function distil(value: Json, namesAreData = false): Json {
  if (Array.isArray(value)) return value.map((item) => distil(item));
  if (!isNode(value)) return value;
  const kept: Node = {};
  for (const [name, child] of Object.entries(value)) {
    if (!namesAreData && (PROSE.has(name) || name.startsWith("x-"))) continue;
    kept[name] = distil(child, !namesAreData && name === "properties");
  }
  if (namesAreData || kept.nullable !== true) return kept;
  if (Array.isArray(kept.enum) && !kept.enum.includes(null)) kept.enum = [...kept.enum, null];
  if (kept.type !== undefined) return kept;
  delete kept.nullable;
  return { anyOf: [kept, nothing] };
}

/**
 * The description wants the account of a listed installation to be a user and an enterprise at once; the schema of a
 * single installation says it rightly.
 */
function correct(paths: Node): void {
  const response = ["/app/installations", "get", "responses", "200", "content", "application/json", "schema"];
  const schema = response.reduce<Json | undefined>((node, name) => (isNode(node) ? node[name] : undefined), paths);
  if (!isNode(schema)) throw new Error("the description of GET /app/installations has another shape: look at it again");
  schema.items = { $ref: "#/components/schemas/installation" };
}

/** The served paths with everything that they refer to. */
export function extractApi(source: Node): Node {
  const sourcePaths = source.paths as Record<string, Node>;
  const paths: Node = {};
  for (const [path, methods] of Object.entries(SERVED)) {
    const operations = sourcePaths[path];
    if (operations === undefined) throw new Error(`the description has no path ${path}: remove it or correct it`);
    const kept = Object.entries(operations).filter(([name]) => methods.includes(name));
    if (kept.length !== methods.length)
      throw new Error(`the description of ${path} lacks one of ${methods.join(", ")}`);
    paths[path] = distil(Object.fromEntries(kept));
  }
  Object.assign(paths, ADDED);
  correct(paths);
  const components: Record<string, Node> = {};
  const include = (value: Json): void => {
    if (isNode(value) && typeof value.$ref === "string") includeReference(value.$ref);
    if (typeof value === "object" && value !== null) for (const child of Object.values(value)) include(child);
  };
  const includeReference = (reference: string): void => {
    const [, , section = "", name = ""] = reference.split("/");
    components[section] ??= {};
    const target = components[section];
    if (name in target) return;
    const found = (source.components as Record<string, Node>)[section]?.[name];
    if (found === undefined) throw new Error(`the description refers to ${reference}, which it lacks`);
    target[name] = distil(found);
    include(target[name]);
  };
  include(paths);
  return { openapi: source.openapi ?? "", info: distil(source.info ?? {}), paths, components };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , description] = process.argv;
  if (description === undefined) throw new Error("name the file api.github.com.json of @octokit/openapi");
  const api = extractApi(JSON.parse(readFileSync(description, "utf8")));
  writeFileSync(new URL("./api.json", import.meta.url), `${JSON.stringify(api)}\n`);
}

import * as v from "valibot";
import pins from "./actions.json" with { type: "json" };

/** A release of an action, and the commit that it was: a tag can be moved, a commit cannot. */
export interface Pin {
  version: string;
  commit: string;
}
export type Pins = Readonly<Record<string, Pin>>;

export const ACTION_PINS: Pins = pins;

/** What a step names. */
export function pinned(action: keyof typeof pins): string {
  return `${action}@${pins[action].commit}`;
}

/** The workflow with the version beside each pin, as people and the tools that upgrade pins read it. */
export function writePins(workflow: string, all: Pins = ACTION_PINS): string {
  return workflow.replace(/(uses: )([\w.-]+\/[\w.-]+)@.*$/gm, (line, uses: string, action: string) => {
    const pin = all[action];
    return pin === undefined ? line : `${uses}${action}@${pin.commit} # ${pin.version}`;
  });
}

export interface GitHubAccess {
  apiUrl: string;
  /** Raises the rate limit; public repositories need none. */
  token: string | undefined;
}

const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, "a commit"));
const target = v.object({ type: v.picklist(["commit", "tag"]), sha: commit });
/**
 * `GET /repos/{owner}/{repo}/git/matching-refs/{ref}` and `GET /repos/{owner}/{repo}/git/tags/{tag_sha}`, as far as
 * they are read.
 */
const refsSchema = v.array(v.object({ ref: v.string(), object: target }));
const tagSchema = v.object({ object: target });

const TIMEOUT_MS = 30_000;

/** The newest release of each action within its major; a new major is for a person to take. */
export async function upgradePins(all: Pins, access: GitHubAccess): Promise<Record<string, Pin>> {
  const upgraded: Record<string, Pin> = {};
  for (const [action, pin] of Object.entries(all)) upgraded[action] = await newestOf(action, pin, access);
  return upgraded;
}

async function newestOf(action: string, pin: Pin, access: GitHubAccess): Promise<Pin> {
  const major = pin.version.split(".")[0];
  const refs = await read(`/repos/${action}/git/matching-refs/tags/${major}.`, refsSchema, access);
  const releases = refs.flatMap(({ ref, object }) => {
    const version = /^refs\/tags\/(v\d{1,4}\.\d{1,4}\.\d{1,4})$/.exec(ref)?.[1];
    return version === undefined ? [] : [{ version, object }];
  });
  const newest = releases.toSorted((one, other) => compare(other.version, one.version))[0];
  if (newest === undefined || compare(newest.version, pin.version) < 0) {
    throw new Error(`GitHub names no release of ${action} from ${pin.version} on`);
  }
  const { version, object } = newest;
  // An annotated tag is an object of its own, which names the commit.
  const { sha, type } =
    object.type === "commit"
      ? object
      : (await read(`/repos/${action}/git/tags/${object.sha}`, tagSchema, access)).object;
  if (type !== "commit") throw new Error(`the tag ${version} of ${action} is of another tag`);
  if (version === pin.version && sha !== pin.commit) {
    throw new Error(`${action} ${version} was ${pin.commit} and is ${sha} now: its tag was moved`);
  }
  return { version, commit: sha };
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

async function read<Output>(
  path: string,
  schema: v.GenericSchema<unknown, Output>,
  { apiUrl, token }: GitHubAccess,
): Promise<Output> {
  const response = await fetch(`${apiUrl}${path}`, {
    headers: {
      accept: "application/vnd.github+json",
      "user-agent": "upgrade-packages",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (parsed.success) return parsed.output;
  throw new Error(`${path} was not answered as GitHub describes it: ${v.summarize(parsed.issues)}`);
}

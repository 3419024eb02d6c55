import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const NAMES = [".runner", ".credentials", ".credentials_rsaparams"];

export interface RunnerIdentity {
  agentId: string;
  agentName: string;
  clientId: string;
  serverUrl: string;
  /** Registered for one job: its files go when that is done. */
  ephemeral: boolean;
}

/** Writes the files of an encoded JIT configuration into the runner's directory, as the listener does at its start. */
export async function saveJitConfig(root: string, encoded: string): Promise<void> {
  const files = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as Record<string, string>;
  await mkdir(root, { recursive: true });
  for (const [name, content] of Object.entries(files))
    await writeFile(join(root, name), Buffer.from(content, "base64"));
}

/** Who the runner is, from its files; undefined when it is not configured. */
export async function loadIdentity(root: string): Promise<RunnerIdentity | undefined> {
  try {
    const settings = JSON.parse(await readFile(join(root, ".runner"), "utf8"));
    const credentials = JSON.parse(await readFile(join(root, ".credentials"), "utf8"));
    return {
      agentId: String(field(settings, "AgentId")),
      agentName: String(field(settings, "AgentName")),
      serverUrl: String(field(settings, "ServerUrlV2")).replace(/\/$/, ""),
      ephemeral: /^true$/i.test(String(field(settings, "Ephemeral"))),
      clientId: String(field(field(credentials, "Data"), "ClientId")),
    };
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes them, as the listener does after its one job. */
export async function deleteIdentity(root: string): Promise<void> {
  for (const name of NAMES) await rm(join(root, name), { force: true });
}

/**
 * .NET reads its settings without regard to case: GitHub writes `AgentId` in a JIT configuration, config.sh `agentId`.
 */
function field(document: unknown, name: string): unknown {
  const entries = Object.entries(document as Record<string, unknown>);
  return entries.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

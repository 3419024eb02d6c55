import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MODULE_VERSION } from "../version.ts";
import type { Outcome, SetupContext } from "./context.ts";
import { githubPlace } from "./core/github-place.ts";
import {
  type Configuration,
  DEFAULT_MODULE_NAME,
  environmentCommands,
  hasEphemeral,
  mainTf,
  startOf,
} from "./core/main-tf.ts";
import { type SetupRecord, wishOf } from "./core/setup-record.ts";
import { findTool } from "./find-tool.ts";

const FILE = "main.tf";

/** Writes `main.tf` where there is none, or only the start's one line; else prints what is to stand there. */
export async function writeMain(
  context: SetupContext,
  record: SetupRecord,
  { installationId, memoryMib }: { installationId: string; memoryMib: number | undefined },
): Promise<Outcome> {
  const { terminal, folder, prefix, region, environment, flags } = context;
  const tool = await findTool(folder, environment);
  if (tool === undefined) {
    terminal.say("Neither terraform nor tofu is on the PATH: https://developer.hashicorp.com/terraform/install");
  }
  const path = join(folder, FILE);
  const before = await readFile(path, "utf8").catch(() => undefined);
  const moduleName = (before === undefined ? undefined : startOf(before)) ?? DEFAULT_MODULE_NAME;
  const configuration: Configuration = {
    ...{ moduleName, prefix, region, installationId, memoryMib },
    tool: tool ?? { name: "terraform", version: "1.10.0" },
    version: MODULE_VERSION,
    place: githubPlace(record.github),
    wish: wishOf(record),
    key: record.key,
    keyAt: record.keyAt ?? "",
    kmsKeyArn: flags.kmsKeyArn,
    appId: record.appId ?? "",
  };
  const text = mainTf(configuration);
  const isFree =
    (before === undefined && !(await hasConfiguration(folder))) ||
    (before !== undefined && startOf(before) !== undefined);
  if (isFree) {
    await writeFile(path, text);
    terminal.say(`${FILE} is written.`);
  } else if (before === text) terminal.say(`${FILE} is as it should be.`);
  else terminal.say(`There is a configuration here already. This is to stand in it:\n\n${text}`);
  terminal.say(nextCommands(configuration));
  return 3;
}

async function hasConfiguration(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => /\.(tf|tofu)(\.json)?$/.test(name));
}

function nextCommands(configuration: Configuration): string {
  const { tool, wish, key } = configuration;
  const isGiven = wish.webhook === "app" || key === "file" || hasEphemeral(tool);
  const commands = [...(isGiven ? [] : environmentCommands(configuration)), `${tool.name} init && ${tool.name} apply`];
  return [
    "",
    "Next, which takes 3 to 14 minutes, most of them for the image:",
    "",
    ...commands.map((command) => `  ${command}`),
    "",
    "and then this command once more.",
  ].join("\n");
}

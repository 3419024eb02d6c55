import { fileURLToPath } from "node:url";
import { DOCUMENTED_VERSION, MODULE_SOURCE } from "../../../contract/module-source.ts";
import { contentsOf } from "../../aws/contents.ts";
import { type LabRegions, startRegions } from "../../aws/regions.ts";
import { type LabGitHub, startGitHub } from "../../github/start-github.ts";
import { createProcessGuests } from "../../runner/guest.ts";
import { namedTypes } from "../../terraform/made-up/named-types.ts";
import { serveProviders } from "../../terraform/serve-providers.ts";

const MODULE = fileURLToPath(new URL("../../../module", import.meta.url));

export interface BackEnds {
  /** What `terraform` needs in its environment. */
  readonly env: Record<string, string>;
  /** What is in the account and on GitHub. */
  contents(): string[];
  /** The types so far of which values were made up. */
  madeUp(): string[];
  stop(): Promise<void>;
}

/** An empty account and a GitHub for a configuration of which nothing is known: neither reaches out by itself. */
export async function startBackEnds(
  dir: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<BackEnds> {
  const github = await startGitHub({
    repositories: ["my-org/shop"],
    ...{ environment, trusting: true },
    // A hook may name any URL: whatever answers there, a test of a configuration does not call it.
    send: async () => new Response(null, { status: 204 }),
  });
  const regions = await startRegions({ guests: createProcessGuests(), workingDirectory: dir, unscheduled: true });
  const [home] = regions.all();
  const providers = await serveProviders({
    behaviours: { ...regions.providers, github: github.providers.github },
    named: () => namedTypes(dir),
    ...(home === undefined ? {} : { account: home.account.accountId, region: home.account.region }),
    workingDirectory: dir,
    modules: { [MODULE_SOURCE]: { version: DOCUMENTED_VERSION, folder: MODULE } },
  });
  return {
    env: providers.env,
    contents: () => contentsOfAll(regions, github),
    madeUp: providers.madeUp,
    async stop() {
      await regions.stop();
      await github.close();
      await providers.close();
    },
  };
}

function contentsOfAll(regions: LabRegions, github: LabGitHub): string[] {
  const hooks = github.hooks().map(({ url }) => `webhook ${url}`);
  return [...new Set([...regions.all().flatMap(contentsOf), ...hooks])];
}

/** `npx projen providers`: the module with the providers that Terraform's own CLI configuration leads to. */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXAMPLES } from "../../lab/example-variables.ts";
import { provideTools } from "../tools/provide-tools.ts";
import { openTarget } from "./target.ts";
import { tryProviders, VERSIONS } from "./try-providers.ts";

const HELP = `npx projen providers -- [--tool terraform|tofu|PATH] [--versions lowest|newest] [--apply] [EXAMPLE...]

terraform init, validate and test of the module, and init, validate and plan of each example, with the providers that Terraform's
own CLI configuration leads to: the Registry's, or those of a mirror. Plans are made where MiniStack and the lab's GitHub stand
for AWS and GitHub. No account is reached.

  --tool      terraform, tofu, or the path of either (terraform)
  --versions  the lowest that the module allows, or the newest; both when absent
  --apply     applies each example, plans again and destroys
  --no-plan   neither plans nor applies: MiniStack is not needed

Exit codes: 0 all of it holds; 1 not so; 2 wrong arguments, or MiniStack cannot be installed.`;

const { positionals, values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  allowPositionals: true,
  options: {
    tool: { type: "string", default: "terraform" },
    versions: { type: "string" },
    apply: { type: "boolean", default: false },
    "no-plan": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const versions = VERSIONS.filter((each) => values.versions === undefined || values.versions === each);
  const unknown = positionals.filter((name) => !EXAMPLES.includes(name));
  if (versions.length === 0 || unknown.length > 0) {
    console.error(
      `providers: there is no ${[...unknown, ...(versions.length === 0 ? [values.versions] : [])].join(", ")}`,
    );
    return 2;
  }
  const ministack = values["no-plan"] ? undefined : await provideTools().get("ministack");
  if (ministack !== undefined && "missing" in ministack) {
    console.error(`providers: ${ministack.missing}`);
    return 2;
  }
  const target = ministack && (await openTarget(join(ministack.folder, "ministack")));
  try {
    const findings = await tryProviders({
      ...{ tool: values.tool, versions, target, apply: values.apply, say: (text) => console.log(text) },
      examples: positionals.length === 0 ? EXAMPLES : positionals,
    });
    for (const finding of findings) console.log(`FINDING ${finding.replaceAll("\n", "\n  ")}`);
    return findings.length === 0 ? 0 : 1;
  } finally {
    await target?.stop();
  }
}

process.exitCode = await main();

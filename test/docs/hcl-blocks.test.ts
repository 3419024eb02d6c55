import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../lab/terraform/terraform.ts";
import { APP_KEY } from "../module/open-module.ts";
import { MODULE_DIR } from "../module/parse-module.ts";
import { unexpected } from "../support/unexpected.ts";
import { fencedBlocks, markdownFiles, topLevelBlocks } from "./markdown.ts";

const snippets = markdownFiles().flatMap(({ path, text }) =>
  fencedBlocks(text, "hcl").map((code, index) => ({ title: `${path}, HCL block ${index + 1}`, code })),
);

const PROVIDERS: Readonly<Record<string, string>> = {
  aws: 'provider "aws" {\n  region = "eu-west-1"\n}\n',
  awscc: 'provider "awscc" {\n  region = "eu-west-1"\n}\n',
  github: 'provider "github" {\n  owner = "my-org"\n}\n',
};
const REQUIREMENTS = 'terraform {\n  required_providers {\n    github = { source = "integrations/github" }\n  }\n}\n';
/** How a user names the module; what Terraform would download is the folder beside. */
const PUBLISHED = /source += "mkdev-me\/github-runner-lambda-microvms\/aws"\n +version = "~> \d+\.\d+\.\d+"\n/;

/** A call of the module with these arguments, and those that every call must have. */
function moduleCall(args: string): string {
  const needed = {
    github_app: `{ app_id = "123456", installation_id = "12345678", private_key = file("app.pem") }`,
    github_organization: '"my-org"',
  };
  const missing = Object.entries(needed).filter(([name]) => !new RegExp(`^${name} +=`, "m").test(args));
  const lines = ['source = "./module"', ...missing.map(([name, value]) => `${name} = ${value}`), args];
  return `module "gha_runner" {\n${lines.join("\n")}\n}\n`;
}

/** What a document shows, with what it leaves to the reader: a root module that Terraform can plan. */
function completed(code: string): string {
  const blocks = topLevelBlocks(code);
  const shown = blocks.length === 0 ? moduleCall(code) : code.replace(PUBLISHED, 'source = "./module"\n');
  const has = (type: string, label: string) => blocks.some(([each, name]) => each === type && name === label);
  const called = blocks.length === 0 || has("module", "gha_runner");
  const providers = Object.entries(PROVIDERS).filter(([name]) => !has("provider", name));
  return [REQUIREMENTS, ...providers.map(([, block]) => block), ...(called ? [] : [moduleCall("")]), shown].join("\n");
}

describe("the HCL of the documents", () => {
  let providers: ServedProviders;
  let workspace: Workspace;
  beforeAll(async () => {
    providers = await serveProviders();
    workspace = await createWorkspace({
      copyOf: { module: MODULE_DIR },
      env: providers.env,
      files: {
        "main.tf": completed(""),
        "app.pem": APP_KEY,
        "ca.pem": "a certificate",
        Dockerfile: await readFile(`${MODULE_DIR}/image/Dockerfile`, "utf8"),
      },
    });
    // Every snippet calls the module under the same name and from the same place, so that one init serves all.
    await workspace.init();
  });
  afterAll(async () => {
    await workspace.close();
    await providers.close();
  });

  it("is found where it is known to be", () => {
    for (const path of ["README.md", "docs/USAGE.md", "module/README.md", "examples/custom-image/README.md"]) {
      expect(snippets.map(({ title }) => title)).toContain(`${path}, HCL block 1`);
    }
  });

  it.each(snippets)("can be planned: $title", async ({ code }) => {
    await workspace.write({ "main.tf": completed(code) });

    expect(unexpected(await workspace.diagnose())).toEqual([]);
  });

  it("could not be planned with an argument that the module refuses", async () => {
    await workspace.write({ "main.tf": completed("runner_memory_mib = 1000") });

    expect(await workspace.diagnose()).toMatchObject([{ summary: "Invalid value for variable" }]);
  });
});

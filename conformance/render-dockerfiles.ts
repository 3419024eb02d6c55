import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createWorkspace } from "../lab/terraform/terraform.ts";
import { PROJECT_ROOT } from "../src/bundle/project-root.ts";

/** What the inputs that change the Dockerfile are given, each alone and then together. */
const CUSTOMISATIONS: Readonly<Record<string, Record<string, unknown>>> = {
  extra_packages: { extra_packages: ["ruby3.2", "tree"] },
  setup_commands: {
    setup_commands: ["bash /opt/build-files/setup.sh", "gem install bundler --no-document\necho 'two'"],
  },
  extra_build_files: { extra_build_files: { "setup.sh": "echo one\n", "certificates/ca.pem": "-----BEGIN" } },
};

/** Dockerfiles by name, as Terraform renders them. */
export async function renderDockerfiles(): Promise<Record<string, string>> {
  const read = (file: string) => readFile(join(PROJECT_ROOT, file), "utf8");
  const dockerfiles: Record<string, string> = {
    "examples/ubuntu-image/Dockerfile": await read("examples/ubuntu-image/Dockerfile"),
    "module/image/Dockerfile": await read("module/image/Dockerfile"),
  };
  const cases = { ...CUSTOMISATIONS, all: Object.assign({}, ...Object.values(CUSTOMISATIONS)) };
  // Only what renders it: the module's locals and inputs, without the resources that an account would be needed for.
  const context = (await read("module/build_context.tf")).replace(/^data "archive_file"[\s\S]*?^}\n/m, "");
  const workspace = await createWorkspace({
    files: {
      "image/Dockerfile": await read("module/image/Dockerfile"),
      "image/supervisor.cjs": "",
      "build_context.tf": context,
      "variables.tf": await read("module/variables.tf"),
      "outputs.tf": 'output "dockerfile" {\n  value = local.build_context.Dockerfile\n}\n',
    },
  });
  try {
    for (const [name, variables] of Object.entries(cases)) {
      await workspace.setVariables({ ...REQUIRED, ...variables });
      await workspace.apply();
      const { dockerfile } = await workspace.outputs();
      dockerfiles[`module/image/Dockerfile with ${name}`] = String(dockerfile?.value);
    }
  } finally {
    await workspace.close();
  }
  return dockerfiles;
}

/** Three inputs that it does not read, and the names that it takes from elsewhere. */
const REQUIRED = {
  github_app: {
    app_id: "1",
    installation_id: "1",
    private_key: "-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----\n",
  },
  github_organization: "acme",
};

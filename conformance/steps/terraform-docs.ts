import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { mustRun } from "../run-program.ts";
import type { Step } from "../step.ts";

export const terraformDocs: Step = {
  name: "terraform-docs",
  shows: "terraform-docs changes no byte of the module's README",
  tools: ["terraform-docs"],
  async run({ tool }) {
    const folder = await mkdtemp(join(tmpdir(), "conformance-terraform-docs-"));
    try {
      await cp(join(PROJECT_ROOT, "module"), join(folder, "module"), { recursive: true });
      const readme = join(folder, "module/README.md");
      const before = await readFile(readme, "utf8");
      // It puts back the row that is taken away here, so that a README without it would be found.
      await writeFile(readme, before.replace(/^\| .*name_prefix.*\n/m, ""));
      const config = join(PROJECT_ROOT, ".terraform-docs.yml");
      await mustRun(join(tool("terraform-docs").folder, "terraform-docs"), ["--config", config, "module"], {
        cwd: folder,
      });
      const after = await readFile(readme, "utf8");
      const lines = before.split("\n").length;
      return {
        shown: [`${lines} lines compared`],
        findings: before === after ? [] : ["terraform-docs writes another module/README.md"],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { mustRun } from "../run-program.ts";
import type { Step } from "../step.ts";
import { withFolder } from "../with-folder.ts";

/** Rows that one of them has and the other has not. */
function compareRows(committed: string, written: string): string[] {
  const rowsOf = (text: string) => text.split("\n");
  const [ours, theirs] = [new Set(rowsOf(committed)), new Set(rowsOf(written))];
  const lacking = rowsOf(written).filter((row) => !ours.has(row));
  const extra = rowsOf(committed).filter((row) => !theirs.has(row));
  const findings = [
    ...lacking.map((row) => `module/README.md lacks ${row}`),
    ...extra.map((row) => `module/README.md has ${row}, and terraform-docs does not write it`),
  ];
  if (findings.length > 0 || committed === written) return findings;
  return ["terraform-docs writes the rows of module/README.md in another order"];
}

export const terraformDocs: Step = {
  name: "terraform-docs",
  shows: "terraform-docs changes no byte of the module's README",
  tools: ["terraform-docs"],
  run: ({ tool }) =>
    withFolder("terraform-docs", async (folder) => {
      await cp(join(PROJECT_ROOT, "module"), join(folder, "module"), { recursive: true });
      const readme = join(folder, "module/README.md");
      const committed = await readFile(readme, "utf8");
      const row = /^\| .*name_prefix.*$/m.exec(committed)?.[0] ?? "no row of name_prefix";
      const without = committed.replace(`${row}\n`, "");
      // It is given the README without a row, which it has to write anew.
      await writeFile(readme, without);
      const config = join(PROJECT_ROOT, ".terraform-docs.yml");
      await mustRun(join(tool("terraform-docs").folder, "terraform-docs"), ["--config", config, "module"], {
        cwd: folder,
      });
      const written = await readFile(readme, "utf8");
      return {
        shown: [`${committed.split("\n").length} lines compared`],
        findings: compareRows(committed, written),
        controls: [
          {
            fault: "a README without a row",
            found: compareRows(without, written),
            expected: [`module/README.md lacks ${row}`],
          },
        ],
      };
    }),
};

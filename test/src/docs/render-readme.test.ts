import { describe, expect, it } from "vitest";
import { renderReadme } from "../../../src/docs/render-readme.ts";

const FILES = new Map([
  [
    "versions.tf",
    `terraform {\n  required_version = ">= 1.9.0"\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n      version = ">= 6.0"\n    }\n  }\n}\n`,
  ],
  [
    "variables.tf",
    `variable "b" {\n  type        = list(string)\n  description = "One of a|b, for <name>."\n  default     = []\n}\nvariable "c" {\n  type = object({\n    x = optional(string)\n  })\n}\nvariable "a" {\n  type    = string\n  default = null\n}\n`,
  ],
  ["outputs.tf", `output "o" {\n  description = "What comes out."\n  value       = 1\n}\n`],
  ["main.tf", `resource "aws_sqs_queue" "jobs" {}\nresource "aws_iam_role" "exec" {}\n`],
]);

describe("renderReadme", () => {
  it("lists requirements and resources", async () => {
    const readme = await renderReadme(FILES);

    expect(readme).toContain("| terraform | >= 1.9.0 |\n| aws | >= 6.0 |\n");
    expect(readme).toContain("| `aws_iam_role.exec` |\n| `aws_sqs_queue.jobs` |\n");
  });

  it("lists the required inputs first, in cells that hold whatever is in them", async () => {
    const readme = await renderReadme(FILES);

    expect(readme).toContain(
      [
        "| `c` |  | `object({ x = optional(string) })` | n/a | yes |",
        "| `a` |  | `string` | `null` | no |",
        "| `b` | One of a\\|b, for &lt;name&gt;. | `list(string)` | `[]` | no |",
      ].join("\n"),
    );
  });

  it("lists the outputs", async () => {
    expect(await renderReadme(FILES)).toContain("| `o` | What comes out. |\n");
  });
});

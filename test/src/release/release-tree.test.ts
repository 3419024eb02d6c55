import { describe, expect, it } from "vitest";
import { MODULE_SOURCE, REPOSITORY_URL } from "../../../contract/module-source.ts";
import { releaseTree } from "../../../src/release/release-tree.ts";

const info = { version: "2.3.4", sourceCommit: "abc", changelog: "# Changelog\n" };

function treeOf(files: Record<string, string>): Record<string, string> {
  const buffers = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  return Object.fromEntries([...releaseTree(buffers, info)].map(([path, content]) => [path, content.toString()]));
}

describe("releaseTree", () => {
  it("puts the module at the root and leaves behind what makes it", () => {
    const files = { "module/queue.tf": "q", "module/image/Dockerfile": "d", "src/main.ts": "s", "package.json": "{}" };

    expect(treeOf(files)).toEqual({
      ".gitattributes": expect.stringMatching(/^\* -text$/m),
      "CHANGELOG.md": "# Changelog\n",
      "image/Dockerfile": "d",
      "queue.tf": "q",
    });
  });

  it("leads the sources of examples and tests to where the modules are", () => {
    const tree = treeOf({
      "examples/a/main.tf": 'module "m" {\n  source = "../../module"\n}\nmodule "n" {\n  source = "./vpc"\n}\n',
      "module/tests/a.tftest.hcl": '  source = "../../examples/a"\n',
      "examples/a/versions.tf": '  source  = "hashicorp/aws"\n',
    });

    expect(tree["examples/a/main.tf"]).toContain('source = "../../"');
    expect(tree["examples/a/main.tf"]).toContain('source = "./vpc/"');
    expect(tree["tests/a.tftest.hcl"]).toContain('source = "../examples/a/"');
    expect(tree["examples/a/versions.tf"]).toContain('source  = "hashicorp/aws"');
  });

  it("refuses an example that needs what is left behind", () => {
    expect(() => treeOf({ "examples/a/main.tf": 'source = "../../test/x"\n' })).toThrow(/examples\/a\/main\.tf uses/);
  });

  it("keeps links that lead into the release, and leads the others to the source's commit", () => {
    const tree = treeOf({
      "module/README.md": "[a](../docs/USAGE.md#networks) [b](#here) [c](https://example.com) [d](../examples)",
      "docs/USAGE.md": "[a](../module/README.md) [b](../CONTRIBUTING.md#tests) [c](../test) [d](../CHANGELOG.md)",
      "CONTRIBUTING.md": "",
    });

    expect(tree["README.md"]).toBe("[a](docs/USAGE.md#networks) [b](#here) [c](https://example.com) [d](examples)");
    expect(tree["docs/USAGE.md"]).toBe(
      `[a](../README.md) [b](${REPOSITORY_URL}/blob/abc/CONTRIBUTING.md#tests) [c](${REPOSITORY_URL}/tree/abc/test) [d](../CHANGELOG.md)`,
    );
  });

  it("names its own version where documents call the module", () => {
    const call = (version: string) => `source  = "${MODULE_SOURCE}"\n  version = "${version}"\n  other = "~> 1.0.0"\n`;

    expect(treeOf({ "docs/USAGE.md": call("~> 1.0.0") })["docs/USAGE.md"]).toBe(call("~> 2.3.0"));
  });
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeTree } from "../../src/write-tree.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tree-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("writeTree", () => {
  it("writes files, folders and bytes, and tells which", async () => {
    const changed = await writeTree(
      root,
      new Map<string, string | Uint8Array>([
        ["a.tf", "a\n"],
        ["image/b", new Uint8Array([0, 255])],
      ]),
    );

    expect(changed).toEqual(["a.tf", "image/b"]);
    expect(await readFile(join(root, "a.tf"), "utf8")).toBe("a\n");
    expect([...(await readFile(join(root, "image/b")))]).toEqual([0, 255]);
  });

  it("leaves a file alone that is as it should be", async () => {
    await writeTree(root, new Map([["a.tf", "a\n"]]));
    const before = await stat(join(root, "a.tf"), { bigint: true });

    expect(await writeTree(root, new Map([["a.tf", "a\n"]]))).toEqual([]);

    expect((await stat(join(root, "a.tf"), { bigint: true })).mtimeNs).toBe(before.mtimeNs);
  });

  it("removes what it is not told of, but not what Terraform left", async () => {
    await mkdir(join(root, "old"));
    await mkdir(join(root, ".terraform"));
    for (const path of ["old/x", "y.tf", ".terraform/z", ".terraform.lock.hcl"]) await writeFile(join(root, path), "");

    const changed = await writeTree(root, new Map([["a.tf", "a\n"]]));

    expect(changed.sort()).toEqual(["a.tf", "old/x", "y.tf"]);
    expect((await readdir(root)).sort()).toEqual([".terraform", ".terraform.lock.hcl", "a.tf", "old"]);
  });
});

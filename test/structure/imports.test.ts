import { describe, expect, it } from "vitest";
import { readProjectFile } from "../docs/markdown.ts";
import { ONLY_VIEWS, ROOMS, type Room, VIEWS } from "./import-rules.ts";
import { circlesOf, type Imports, walkImports } from "./walk-imports.ts";

const imports = walkImports(["contract", "dispatcher", "microvm", "src", "cli", "lab", "conformance", "smoke"]);

function roomOf(file: string): Room | undefined {
  const rooms = ROOMS.filter(({ name }) => file === name || file.startsWith(`${name}/`));
  return rooms.toSorted((one, other) => other.name.length - one.name.length)[0];
}

function arrowsAgainst(table: Imports): string[] {
  return [...table].flatMap(([file, targets]) => {
    const room = roomOf(file);
    return targets
      .filter((target) => {
        const other = roomOf(target);
        if (room === undefined || other === undefined) return true;
        if (ONLY_VIEWS.includes(file) && target.startsWith("dispatcher/core/")) return target !== VIEWS;
        return room.name !== other.name && !room.imports.includes(other.name);
      })
      .map((target) => `${file} -> ${target}`);
  });
}

describe("the imports of product and lab", () => {
  it("belong to rooms that the table has", () => {
    expect([...imports.keys()].filter((file) => roomOf(file) === undefined)).toEqual([]);
    expect(imports.size).toBeGreaterThan(300);
  });

  it("form no circle", () => {
    expect(circlesOf(imports)).toEqual([]);
  });

  it("go along the arrows of the table", () => {
    expect(arrowsAgainst(imports)).toEqual([]);
  });

  it("are what CONTRIBUTING.md says of them", () => {
    const table = /^## Who may import whom\n([\s\S]*?)^## /m.exec(readProjectFile("CONTRIBUTING.md"))?.[1] ?? "";
    const rows = [...table.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name = "", cell = ""]) => ({
      name,
      imports: [...cell.matchAll(/`([^`]+)`/g)].map(([, other = ""]) => other),
    }));
    expect(rows).toEqual(ROOMS);
  });
});

describe("the walk over imports", () => {
  it("finds a circle, also a long one, and an arrow against the table", () => {
    const bad: Imports = new Map([
      ["dispatcher/core/a.ts", ["dispatcher/core/b.ts"]],
      ["dispatcher/core/b.ts", ["dispatcher/core/c.ts"]],
      ["dispatcher/core/c.ts", ["dispatcher/core/a.ts", "dispatcher/flows/d.ts"]],
      ["dispatcher/flows/d.ts", []],
    ]);
    expect(circlesOf(bad)).toEqual([["dispatcher/core/a.ts", "dispatcher/core/b.ts", "dispatcher/core/c.ts"]]);
    expect(arrowsAgainst(bad)).toEqual(["dispatcher/core/c.ts -> dispatcher/flows/d.ts"]);
  });
});

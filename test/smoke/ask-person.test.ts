import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { askPerson } from "../../smoke/account/ask-person.ts";

/** A terminal in which somebody types this. */
async function typing(keys: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  let interruptions = 0;
  const asked = askPerson("Type it", { input, output: new PassThrough() }, () => interruptions++);
  input.end(keys);
  return { typed: await asked, interruptions };
}

describe("whoever is asked", () => {
  it("answers with a line, at a terminal and through a pipe", async () => {
    expect(await typing("123456789012\r")).toEqual({ typed: "123456789012", interruptions: 0 });
    expect(await typing("123456789012\n", false)).toEqual({ typed: "123456789012", interruptions: 0 });
  });

  it("interrupts the run with Ctrl-C, and has not answered", async () => {
    expect(await typing("1234\u0003")).toEqual({ typed: "", interruptions: 1 });
  });

  it("has not answered where the input ends", async () => {
    expect((await typing("", false)).typed).toBe("");
  });
});

import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Interrupted, openTerminal } from "../../../cli/setup/terminal.ts";

function open(isTTY?: boolean) {
  const input = Object.assign(new PassThrough(), isTTY === undefined ? {} : { isTTY });
  const output = new PassThrough();
  const said = text(output);
  const terminal = openTerminal({ input, output });
  const end = async () => {
    terminal.close();
    output.end();
    return said;
  };
  return { input, terminal, end };
}

describe("a terminal", () => {
  it("hands over what was typed, and the proposal where nothing was", async () => {
    const { input, terminal, end } = open();
    const owner = terminal.ask("Owner");
    input.write("  my-org \n");
    expect(await owner).toBe("my-org");
    const name = terminal.ask("Name", "runners");
    input.write("\n");
    expect(await name).toBe("runners");
    const nothing = terminal.ask("File");
    input.write(" \n");
    expect(await nothing).toBe("");
    terminal.say("Done.");
    expect(await end()).toBe("Owner: Name [runners]: File: Done.\n");
  });

  it("keeps what was typed before it was asked for, also where the input has ended", async () => {
    const { input, terminal } = open();
    input.end("first\nsecond\n");
    await once(input, "end");
    expect(await terminal.ask("One")).toBe("first");
    expect(await terminal.ask("Other")).toBe("second");
    await expect(terminal.ask("More")).rejects.toBeInstanceOf(Interrupted);
    expect(terminal.signal.aborted).toBe(false);
  });

  it("tells of lines that nobody asked for, until that is ended", async () => {
    const { input, terminal } = open();
    const heard: string[] = [];
    const stop = terminal.onLine((line) => heard.push(line));
    const other = terminal.onLine((line) => heard.push(`too: ${line}`));
    input.write("http://127.0.0.1/created\n");
    await expect.poll(() => heard).toEqual(["http://127.0.0.1/created", "too: http://127.0.0.1/created"]);
    stop();
    other();
    input.write("answer\n");
    expect(await terminal.ask("Question")).toBe("answer");
    expect(heard).toHaveLength(2);
  });

  it("is interrupted by the end of the input while somebody is asked", async () => {
    const { input, terminal } = open();
    const answer = terminal.ask("Owner");
    input.end();
    await expect(answer).rejects.toBeInstanceOf(Interrupted);
    await expect(terminal.ask("Again")).rejects.toBeInstanceOf(Interrupted);
  });

  it("is interrupted by Ctrl-C where a person sits at it", async () => {
    const { input, terminal } = open(true);
    expect(terminal.isInteractive).toBe(true);
    const answer = terminal.ask("Owner");
    input.write("\u0003");
    await expect(answer).rejects.toBeInstanceOf(Interrupted);
    expect(terminal.signal.reason).toBeInstanceOf(Interrupted);
  });

  it("has nobody at it where the input is a pipe", () => {
    expect(open().terminal.isInteractive).toBe(false);
    expect(open(false).terminal.isInteractive).toBe(false);
  });
});

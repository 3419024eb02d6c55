import { Interrupted, openTerminal, type TerminalStreams } from "../../cli/setup/terminal.ts";

/** What was typed; nothing after Ctrl-C, of which `interrupt` is told, and at the end of the input. */
export async function askPerson(question: string, streams: TerminalStreams, interrupt: () => void): Promise<string> {
  // Open no longer than it asks: whoever reads a terminal gets Ctrl-C as a key, and the process no signal.
  const terminal = openTerminal(streams);
  let isOver = false;
  terminal.signal.addEventListener("abort", () => {
    if (!isOver) interrupt();
  });
  try {
    return await terminal.ask(question);
  } catch (error: unknown) {
    if (!(error instanceof Interrupted)) throw error;
    return "";
  } finally {
    isOver = true;
    terminal.close();
  }
}

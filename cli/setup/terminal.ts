import { createInterface, type Interface } from "node:readline";

/** The person at the terminal. */
export interface Terminal {
  /** Whether anybody can answer. */
  readonly isInteractive: boolean;
  say(text: string): void;
  /** What was typed; the proposal where nothing was. Rejects with {@link Interrupted}. */
  ask(question: string, proposal?: string): Promise<string>;
  /** Is told of lines that nobody asked for; the answer ends that. */
  onLine(listener: (line: string) => void): () => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  close(): void;
}

/** Ctrl-C, or the end of the input. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

export interface TerminalStreams {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
}

/** Opens the terminal; until then nothing is read from it. */
export function openTerminal({ input, output }: TerminalStreams): Terminal {
  const interruption = new AbortController();
  const waiting: ((line: string) => void)[] = [];
  const early: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const isInteractive = input.isTTY === true;
  let ended = false;
  const lines: Interface = createInterface({ input, output, terminal: isInteractive });
  lines.on("line", (line) => {
    const next = waiting.shift();
    if (next !== undefined) next(line);
    else if (listeners.size > 0) for (const listener of listeners) listener(line);
    else early.push(line);
  });
  lines.on("SIGINT", () => interruption.abort(new Interrupted()));
  lines.on("close", () => {
    ended = true;
    // The end of a pipe is no Ctrl-C: what needs no answer goes on.
    if (waiting.length > 0) interruption.abort(new Interrupted());
  });
  return {
    isInteractive,
    signal: interruption.signal,
    say: (text) => void output.write(`${text}\n`),
    async ask(question, proposal) {
      interruption.signal.throwIfAborted();
      output.write(proposal === undefined ? `${question}: ` : `${question} [${proposal}]: `);
      const typed = early.shift() ?? (ended ? undefined : await nextLine(waiting, interruption.signal));
      if (typed === undefined) throw new Interrupted();
      return typed.trim() === "" ? (proposal ?? "") : typed.trim();
    },
    onLine(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => lines.close(),
  };
}

function nextLine(waiting: ((line: string) => void)[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    waiting.push((line) => {
      signal.removeEventListener("abort", abort);
      resolve(line);
    });
  });
}

import { Interrupted, type Terminal } from "../../../cli/setup/terminal.ts";

export interface ScriptedTerminal extends Terminal {
  /** All that was said and asked. */
  text(): string;
  /** How often something was typed that was not the proposal. */
  typed(): number;
  /** Types a line that nobody asked for. */
  type(line: string): void;
  interrupt(): void;
  /** Resolves when a question was asked that nobody answers. */
  asked(question: RegExp): Promise<void>;
}

/** A terminal whose person answers by the question; Enter on a proposal where nothing fits. */
export function scriptedTerminal(
  answers: readonly (readonly [RegExp, string])[] = [],
  isInteractive = true,
): ScriptedTerminal {
  const lines: string[] = [];
  const interruption = new AbortController();
  const listeners = new Set<(line: string) => void>();
  const waited: { pattern: RegExp; resolve(): void }[] = [];
  let typed = 0;
  return {
    isInteractive,
    signal: interruption.signal,
    say: (text) => void lines.push(text),
    async ask(question, proposal) {
      interruption.signal.throwIfAborted();
      lines.push(`${question} [${proposal ?? ""}]`);
      const found = answers.find(([pattern]) => pattern.test(question));
      const unanswered = waited.find(({ pattern }) => pattern.test(question));
      if (unanswered !== undefined) {
        unanswered.resolve();
        return new Promise((_resolve, reject) => {
          interruption.signal.addEventListener("abort", () => reject(interruption.signal.reason));
        });
      }
      if (found === undefined && proposal === undefined) throw new Error(`nobody answers "${question}"`);
      if (found !== undefined) typed += 1;
      return found?.[1] ?? proposal ?? "";
    },
    onLine(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => undefined,
    text: () => lines.join("\n"),
    typed: () => typed,
    type(line) {
      for (const listener of listeners) listener(line);
    },
    asked: (pattern) => new Promise((resolve) => void waited.push({ pattern, resolve })),
    interrupt: () => interruption.abort(new Interrupted()),
  };
}

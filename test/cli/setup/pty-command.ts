import { type ChildProcess, spawn } from "node:child_process";
import { eventually } from "../../support/eventually.ts";

/** A command at a terminal of its own. */
export interface PtyCommand {
  text(): string;
  /** Waits for a question and types; counts what is typed beside Enter. */
  answer(question: RegExp, typed?: string): Promise<void>;
  typedAnswers(): number;
  ended: Promise<number>;
  kill(): void;
}

/** Runs a script under `script`, which gives it a terminal (util-linux). */
export function ptyCommand(script: string, options: { cwd: string; env: Record<string, string> }): PtyCommand {
  const child: ChildProcess = spawn(
    "script",
    ["-qec", `bash -euo pipefail -c '${script.replaceAll("'", `'\\''`)}'`, "/dev/null"],
    {
      ...options,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    },
  );
  let text = "";
  let read = 0;
  let typedAnswers = 0;
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 1)));
  return {
    text: () => text,
    async answer(question, typed = "") {
      await eventually(() => {
        const found = question.exec(text.slice(read));
        if (found === null) throw new Error(`the command did not ask ${question}:\n${text}`);
        read += found.index + found[0].length;
      });
      if (typed !== "") typedAnswers += 1;
      child.stdin?.write(`${typed}\n`);
    },
    typedAnswers: () => typedAnswers,
    ended,
    kill() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    },
  };
}

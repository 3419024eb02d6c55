import { addAbortListener } from "node:events";
import { requireVersion } from "../../terraform/find-terraform.ts";
import { type LiveRun, type Run, startTerraform, terraformVersion } from "../../terraform/run-terraform.ts";
import { copyRoot } from "./copy-root.ts";
import type { Request } from "./read-arguments.ts";
import { type BackEnds, startBackEnds } from "./start-back-ends.ts";
import { unknownTypes } from "./unknown-types.ts";

export interface TryOptions {
  environment: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** Opens a shell there and answers when it has ended. */
  shell(folder: string, environment: Record<string, string>): Promise<void>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Nobody answers questions, and nothing is coloured. */
const PLAIN: readonly string[] = ["-input=false", "-no-color"];
/** How long Terraform may take to end what it is at after Ctrl-C. */
const GRACE_MS = 5_000;

/** Runs what is asked for and answers the exit code; 130 when it was interrupted. */
export async function tryRoot(request: Request, options: TryOptions): Promise<number> {
  requireVersion(await terraformVersion());
  const copy = await copyRoot(request.root);
  try {
    const backEnds = await startBackEnds(copy.dir, options.environment);
    try {
      return await new Attempt(request, options, copy.dir, backEnds).run();
    } catch (error: unknown) {
      if (options.signal.aborted) return 130;
      throw error;
    } finally {
      await backEnds.stop();
    }
  } finally {
    await copy.remove();
  }
}

class Attempt {
  readonly #request: Request;
  readonly #options: TryOptions;
  readonly #dir: string;
  readonly #backEnds: BackEnds;

  constructor(request: Request, options: TryOptions, dir: string, backEnds: BackEnds) {
    this.#request = request;
    this.#options = options;
    this.#dir = dir;
    this.#backEnds = backEnds;
  }

  async run(): Promise<number> {
    const { action, variables } = this.#request;
    const init = await this.#terraform(["init"], "quiet");
    if (init.exitCode !== 0) return this.#failed(init);
    if (action === "shell") return this.#shell();
    const first = action === "plan" ? ["plan"] : ["apply", "-auto-approve"];
    const run = await this.#terraform([...first, ...variables]);
    this.#sayMadeUp();
    if (run.exitCode !== 0) return this.#failed(run);
    if (action === "apply") return this.#planAgain();
    return action === "destroy" ? this.#destroy() : 0;
  }

  async #shell(): Promise<number> {
    this.#say(`a shell in ${this.#dir}: terraform works on the lab, which ends with it`, 0);
    const own = Object.entries(this.#options.environment).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    await this.#options.shell(this.#dir, { ...Object.fromEntries(own), ...this.#backEnds.env });
    this.#sayMadeUp();
    return this.#say("the lab has ended", 0);
  }

  #sayMadeUp(): void {
    const names = this.#backEnds.madeUp();
    if (names.length > 0)
      this.#say(`nothing stands behind these types, and their values are made up: ${names.join(", ")}`, 0);
  }

  async #planAgain(): Promise<number> {
    const again = await this.#terraform(["plan", "-detailed-exitcode", ...this.#request.variables], "quiet");
    if (again.exitCode === 0) return this.#say("the second plan is empty", 0);
    // Two is Terraform's word for changes.
    if (again.exitCode !== 2) return this.#failed(again);
    this.#options.out(again.stdout);
    return this.#say("the second plan is not empty: the configuration, or the lab, does not settle", 1);
  }

  async #destroy(): Promise<number> {
    const run = await this.#terraform(["destroy", "-auto-approve", ...this.#request.variables]);
    if (run.exitCode !== 0) return this.#failed(run);
    const { stdout } = await this.#terraform(["state", "list"], "quiet", []);
    const left = [...stdout.split("\n").filter((line) => line !== ""), ...this.#backEnds.contents()];
    if (left.length === 0) return this.#say("nothing is left", 0);
    return this.#say(`left after the destroy: ${left.join(", ")}`, 1);
  }

  /** Says which types and providers the lab lacks, if that is why. */
  async #failed({ exitCode, stderr }: Run): Promise<number> {
    if (this.#options.signal.aborted) return 130;
    for (const line of await unknownTypes(stderr, this.#dir)) this.#say(line, exitCode);
    return exitCode;
  }

  async #terraform(args: string[], output: "quiet" | "shown" = "shown", options = PLAIN): Promise<Run> {
    const { environment, out, err, signal } = this.#options;
    signal.throwIfAborted();
    const passed = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
      /^TF_(VAR_|LOG)/.test(name) && value !== undefined ? [[name, value]] : [],
    );
    const [command = "", ...rest] = args;
    const live = await startTerraform([command, ...options, ...rest], {
      cwd: this.#dir,
      env: { ...Object.fromEntries(passed), ...this.#backEnds.env },
      onOutput: output === "shown" ? out : () => undefined,
      onError: err,
    });
    return interruptible(live, signal);
  }

  #say(text: string, exitCode: number): number {
    (exitCode === 0 ? this.#options.out : this.#options.err)(`lab: ${text}\n`);
    return exitCode;
  }
}

async function interruptible(live: LiveRun, signal: AbortSignal): Promise<Run> {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    live.interrupt();
    timer = setTimeout(live.interrupt, GRACE_MS);
  };
  // Unlike the signal's own listeners, this one also hears of an interrupt that came before.
  const listener = addAbortListener(signal, interrupt);
  try {
    return await live.ended;
  } finally {
    listener[Symbol.dispose]();
    clearTimeout(timer);
  }
}

import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { regionalArn } from "../account.ts";
import type { LogLine } from "../logs.ts";
import type { FunctionConfig } from "./function-config.ts";
import { createFunctionEnvironments, type Deployed, type FunctionsOptions } from "./function-environments.ts";
import type { InvocationResult } from "./runtime-api.ts";

export interface Functions {
  arn(name: string): string;
  get(name: string): FunctionConfig | undefined;
  names(): string[];
  /** Creates a function or replaces what is known of one; environments of the old code end once they are idle. */
  put(config: FunctionConfig): Promise<void>;
  delete(name: string): Promise<void>;
  /** Invokes it as a synchronous invocation does. */
  invoke(name: string, event: unknown): Promise<InvocationResult | { kind: "throttled" }>;
  /** What reached CloudWatch; a role without the right to write its logs has none. */
  logs(name: string): readonly LogLine[];
  /** Every line that the processes wrote, whether it reached CloudWatch or not. */
  output(name: string): readonly string[];
  stop(): Promise<void>;
}

/** Lambda functions: the real zip in a Node process per execution environment. */
export function createFunctions(options: FunctionsOptions): Functions {
  const { account, events } = options;
  const functions = new Map<string, Deployed>();
  const environments = createFunctionEnvironments(options);
  const folders: string[] = [];
  let running = 0;
  const arn = (name: string) => regionalArn(account, "lambda", `function:${name}`);

  async function invoke(name: string, event: unknown): Promise<InvocationResult | { kind: "throttled" }> {
    const deployed = functions.get(name);
    if (deployed === undefined) throw new Error(`function ${name} does not exist`);
    const busy = deployed.all.size - deployed.idle.length;
    if (
      running >= options.accountConcurrency ||
      busy >= (deployed.config.reservedConcurrency ?? Number.MAX_SAFE_INTEGER)
    ) {
      events.emit("lambda.throttled", { function: name });
      return { kind: "throttled" };
    }
    running += 1;
    const requestId = randomUUID();
    events.emit("lambda.invoked", { function: name, requestId });
    try {
      const environment = deployed.idle.pop() ?? (await environments.start(deployed));
      const result = await environment.process.invoke(requestId, JSON.stringify(event));
      // After a crash, a timeout or a failed initialisation the environment is not used again.
      if (result.kind === "error" && /^(Sandbox|Runtime)\./.test(result.errorType)) {
        environment.process.kill();
        await environment.process.exited;
      } else if (functions.get(name) === deployed && deployed.all.has(environment)) {
        deployed.idle.push(environment);
      } else {
        environment.process.kill();
      }
      events.emit("lambda.ended", {
        function: name,
        requestId,
        ...(result.kind === "error" ? { error: `${result.errorType}: ${result.errorMessage}` } : {}),
      });
      return result;
    } finally {
      running -= 1;
    }
  }

  return {
    arn,
    get: (name) => functions.get(name)?.config,
    names: () => [...functions.keys()],
    async put(config) {
      const before = functions.get(config.name);
      const taskRoot = await unpack(config.zip);
      folders.push(taskRoot);
      functions.set(config.name, { config, taskRoot, idle: [], all: new Set() });
      if (before !== undefined) await environments.retire(before);
    },
    async delete(name) {
      const deployed = functions.get(name);
      functions.delete(name);
      if (deployed !== undefined) await environments.retire(deployed);
    },
    invoke,
    logs: (name) => options.logs.read(functions.get(name)?.config.logGroup ?? `/aws/lambda/${name}`),
    output: environments.output,
    async stop() {
      const running = [...functions.values()].flatMap((deployed) => [...deployed.all]);
      for (const { process } of running) process.kill();
      await Promise.all(running.map(({ process }) => process.exited));
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
      await environments.stop();
    },
  };
}

async function unpack(zip: Uint8Array): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "lab-function-"));
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    if (name.endsWith("/")) continue;
    const file = join(root, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return root;
}

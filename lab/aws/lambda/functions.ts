import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { type Account, regionalArn } from "../account.ts";
import type { LabClock } from "../clock.ts";
import type { EventLog } from "../event-log.ts";
import type { Iam } from "../iam/iam.ts";
import type { LogGroups, LogLine } from "../logs.ts";
import { type ExecutionEnvironment, startExecutionEnvironment } from "./execution-environment.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { InvocationResult } from "./runtime-api.ts";
import { writeRuntimeClient } from "./write-runtime-client.ts";

export interface FunctionsOptions {
  account: Account;
  clock: LabClock;
  events: EventLog;
  iam: Iam;
  logs: LogGroups;
  /** AWS_ENDPOINT_URL of the functions. */
  endpoint(): string;
  /** Concurrent executions of the whole account. */
  accountConcurrency: number;
}

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

interface Deployed {
  config: FunctionConfig;
  taskRoot: string;
  idle: Environment[];
  all: Set<Environment>;
}

interface Environment {
  deployed: Deployed;
  process: ExecutionEnvironment;
}

/** Lambda functions: the real zip in a Node process per execution environment. */
export function createFunctions(options: FunctionsOptions): Functions {
  const { account, iam, events } = options;
  const functions = new Map<string, Deployed>();
  const output = new Map<string, string[]>();
  const folders: string[] = [];
  let running = 0;
  let runtimeClient: Promise<string> | undefined;
  const arn = (name: string) => regionalArn(account, "lambda", `function:${name}`);

  async function prepareRuntimeClient(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "lab-runtime-"));
    folders.push(folder);
    return writeRuntimeClient(folder);
  }

  async function startEnvironment(deployed: Deployed): Promise<Environment> {
    const { config } = deployed;
    const role = iam.roles.byArn(config.roleArn);
    if (role === undefined) throw new Error(`function ${config.name}: role ${config.roleArn} is gone; apply again`);
    const day = new Date(options.clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    const stream = `${day}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
    let environment: Environment | undefined;
    const caller = iam.issueCredentials(role.name, config.name, () => environment?.process.kill());
    runtimeClient ??= prepareRuntimeClient();
    const process = await startExecutionEnvironment({
      runtimeClient: await runtimeClient,
      functionArn: arn(config.name),
      taskRoot: deployed.taskRoot,
      timeoutMs: config.timeoutSeconds * 1_000,
      variables: {
        ...config.environment,
        ...runtimeVariables(account, config, deployed.taskRoot, stream),
        AWS_ACCESS_KEY_ID: caller.accessKeyId,
        AWS_SECRET_ACCESS_KEY: caller.secretAccessKey,
        AWS_SESSION_TOKEN: caller.sessionToken,
        AWS_ENDPOINT_URL: options.endpoint(),
      },
      onLine(line) {
        const lines = output.get(config.name) ?? [];
        lines.push(line);
        output.set(config.name, lines);
        void options.logs.write(caller, config.logGroup, stream, [line]);
      },
      onExit() {
        if (environment !== undefined) discard(environment);
      },
    });
    environment = { deployed, process };
    deployed.all.add(environment);
    return environment;
  }

  function discard(environment: Environment): void {
    const { deployed } = environment;
    deployed.all.delete(environment);
    deployed.idle = deployed.idle.filter((other) => other !== environment);
  }

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
      const environment = deployed.idle.pop() ?? (await startEnvironment(deployed));
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

  async function retire(deployed: Deployed): Promise<void> {
    const idle = deployed.idle.splice(0);
    for (const environment of idle) environment.process.kill();
    await Promise.all(idle.map((environment) => environment.process.exited));
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
      if (before !== undefined) await retire(before);
    },
    async delete(name) {
      const deployed = functions.get(name);
      functions.delete(name);
      if (deployed !== undefined) await retire(deployed);
    },
    invoke,
    logs: (name) => options.logs.read(functions.get(name)?.config.logGroup ?? `/aws/lambda/${name}`),
    output: (name) => output.get(name) ?? [],
    async stop() {
      const environments = [...functions.values()].flatMap((deployed) => [...deployed.all]);
      for (const environment of environments) environment.process.kill();
      await Promise.all(environments.map((environment) => environment.process.exited));
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

function runtimeVariables(account: Account, config: FunctionConfig, taskRoot: string, stream: string) {
  return {
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    AWS_REGION: account.region,
    AWS_DEFAULT_REGION: account.region,
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: stream,
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    _HANDLER: config.handler,
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

import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, regionalArn } from "../account.ts";
import type { LabClock } from "../clock.ts";
import type { EventLog } from "../event-log.ts";
import type { Iam } from "../iam/iam.ts";
import type { LogGroups } from "../logs.ts";
import { type ExecutionEnvironment, startExecutionEnvironment } from "./execution-environment.ts";
import type { FunctionConfig } from "./function-config.ts";
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

/** A function as its code was put, and the environments that run it. */
export interface Deployed {
  config: FunctionConfig;
  taskRoot: string;
  idle: Environment[];
  all: Set<Environment>;
}

export interface Environment {
  deployed: Deployed;
  process: ExecutionEnvironment;
}

/** The execution environments of functions: a Node process each, with the credentials of the function's role. */
export interface FunctionEnvironments {
  start(deployed: Deployed): Promise<Environment>;
  /** Ends those that are idle; a busy one ends when it is done. */
  retire(deployed: Deployed): Promise<void>;
  /** Every line that the processes of a function wrote. */
  output(name: string): readonly string[];
  stop(): Promise<void>;
}

export function createFunctionEnvironments(options: FunctionsOptions): FunctionEnvironments {
  const { account, iam } = options;
  const output = new Map<string, string[]>();
  const folders: string[] = [];
  let runtimeClient: Promise<string> | undefined;

  async function prepareRuntimeClient(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "lab-runtime-"));
    folders.push(folder);
    return writeRuntimeClient(folder);
  }

  async function start(deployed: Deployed): Promise<Environment> {
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
      functionArn: regionalArn(account, "lambda", `function:${config.name}`),
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

  return {
    start,
    async retire(deployed) {
      const idle = deployed.idle.splice(0);
      for (const environment of idle) environment.process.kill();
      await Promise.all(idle.map((environment) => environment.process.exited));
    },
    output: (name) => output.get(name) ?? [],
    async stop() {
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

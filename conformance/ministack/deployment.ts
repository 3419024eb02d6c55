import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { LambdaMicrovmsClient, ListMicrovmsCommand, TerminateMicrovmCommand } from "@aws-sdk/client-lambda-microvms";
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type LabGitHub, startGitHub } from "../../lab/github/start-github.ts";
import { serveProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../lab/terraform/terraform.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { makeFolder } from "../with-folder.ts";
import { type Bridge, startBridge } from "./bridges.ts";
import { createGuests, type Guests } from "./guests.ts";
import { createOperations } from "./operations.ts";
import { ACCOUNT, CREDENTIALS, freePort, type MiniStack, REGION, startMiniStack } from "./start-ministack.ts";

const EXAMPLE = "examples/github-app";
export const REPOSITORY = "my-org/shop";

/** The example's root on MiniStack, with the lab's GitHub. */
export interface Deployment {
  github: LabGitHub;
  terraform: Workspace;
  bridge: Bridge;
  guests: Guests;
  ministack: MiniStack;
  /** MicroVMs that are not ended, by MiniStack's word. */
  running(): Promise<string[]>;
  /** Messages in all queues. */
  messages(): Promise<number>;
  invoke(name: string): Promise<string>;
  /** Does something while the role has lost an action, which it gets back. */
  without(role: string, action: string, then: () => Promise<void>): Promise<void>;
  /** Functions, queues and MicroVMs that MiniStack still has. */
  leftovers(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts all of it; nothing is applied yet. */
export async function openDeployment(program: string): Promise<Deployment> {
  const { folder, remove } = await makeFolder("ministack");
  const closing: (() => Promise<unknown>)[] = [remove];
  const stop = async () => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    return { ...(await open(program, folder, closing)), stop };
  } catch (error: unknown) {
    await stop();
    throw error;
  }
}

async function open(
  program: string,
  folder: string,
  closing: (() => Promise<unknown>)[],
): Promise<Omit<Deployment, "stop">> {
  const [port, bridgePort] = [await freePort(), await freePort()];
  const endpoint = `http://127.0.0.1:${bridgePort}`;
  const config = { endpoint, region: REGION, credentials: CREDENTIALS };
  const microvms = new LambdaMicrovmsClient(config);
  const guests = createGuests(async (microvmIdentifier) => {
    await microvms.send(new TerminateMicrovmCommand({ microvmIdentifier })).catch(() => {});
  });
  const ministack = await startMiniStack(program, folder, port, endpoint);
  closing.push(() => ministack.stop());
  const bridge = await startBridge(bridgePort, {
    upstream: ministack.endpoint,
    onRun: (request) => guests.run(request),
    onTerminate: (microvmId) => guests.end(microvmId),
  });
  closing.push(
    () => bridge.stop(),
    () => guests.stop(),
  );
  const github = await startGitHub({ repositories: [REPOSITORY] });
  closing.push(() => github.close());
  const terraform = await createWorkspace({
    copyOf: { module: join(PROJECT_ROOT, "module"), [EXAMPLE]: join(PROJECT_ROOT, EXAMPLE) },
    root: EXAMPLE,
  });
  closing.push(() => terraform.close());
  const operations = createOperations({ ...config, workingDirectory: terraform.dir });
  const providers = await serveProviders({
    behaviours: { ...operations, github: github.providers.github },
    strict: true,
    account: ACCOUNT,
    region: REGION,
    workingDirectory: terraform.dir,
  });
  closing.push(() => providers.close());
  terraform.setEnv(providers.env);
  await terraform.write({ "app.pem": github.app.privateKey });
  await terraform.setVariables({
    region: REGION,
    github_organization: "my-org",
    github_app_id: String(github.app.id),
    github_app_installation_id: String(github.installationId),
    github_api_url: github.apiUrl,
  });
  const running = async () => {
    const { items = [] } = await microvms.send(new ListMicrovmsCommand({}));
    return items.filter(({ state }) => state !== "TERMINATED").map(({ microvmId }) => String(microvmId));
  };
  return {
    running,
    ...{ github, terraform, bridge, guests, ministack },
    async messages() {
      const client = new SQSClient(config);
      const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
      const counts = QueueUrls.map(async (QueueUrl) => {
        const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
        return Object.entries(Attributes ?? {})
          .filter(([name]) => name.startsWith("ApproximateNumberOfMessages"))
          .reduce((sum, [, value]) => sum + Number(value), 0);
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    async leftovers() {
      const { Functions = [] } = await new LambdaClient(config).send(new ListFunctionsCommand({}));
      const { QueueUrls = [] } = await new SQSClient(config).send(new ListQueuesCommand({}));
      return [...Functions.map(({ FunctionName }) => String(FunctionName)), ...QueueUrls, ...(await running())];
    },
    async invoke(name) {
      const client = new LambdaClient(config);
      const answer = await client.send(
        new InvokeCommand({ FunctionName: `gha-microvm-${name}`, Payload: Buffer.from("{}") }),
      );
      const said = Buffer.from(answer.Payload ?? []).toString("utf8");
      if (answer.FunctionError !== undefined) throw new Error(`${name} failed: ${said}`);
      return said;
    },
    async without(role, action, then) {
      const client = new IAMClient(config);
      const RoleName = `gha-microvm-${role}`;
      const { PolicyNames: [PolicyName = ""] = [] } = await client.send(new ListRolePoliciesCommand({ RoleName }));
      const { PolicyDocument = "" } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      const whole = decodeURIComponent(PolicyDocument);
      const less = whole.replaceAll(`"${action}"`, '"sts:GetCallerIdentity"');
      if (less === whole) throw new Error(`${RoleName} has no ${action}: ${whole}`);
      const put = (document: string) =>
        client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document }));
      await put(less);
      await then().finally(() => put(whole));
    },
  };
}

/** Waits until it holds; says what is not so when it never does. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it never came to this: ${what}`);
    await sleep(200);
  }
}

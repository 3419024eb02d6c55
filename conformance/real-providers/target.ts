import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHub } from "../../lab/github/start-github.ts";
import { startBridge } from "../ministack/bridges.ts";
import { CREDENTIALS, freePort, REGION, startMiniStack } from "../ministack/start-ministack.ts";

/** What stands where the providers look for AWS and GitHub. */
export interface Target {
  /** What Terraform, and the providers that it starts, find in their environment. */
  env: Readonly<Record<string, string>>;
  appKey: string;
  /** Values of the examples' variables. */
  variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const OWNER = "my-org";

/** MiniStack, and the lab's GitHub as an Enterprise Server: the provider takes another address for one. */
export async function openTarget(program: string): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), "real-providers-"));
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const [port, bridgePort] = [await freePort(), await freePort()];
    const endpoint = `http://127.0.0.1:${bridgePort}`;
    const ministack = await startMiniStack(program, folder, port, endpoint);
    closing.push(() => ministack.stop());
    // No MicroVM is launched here.
    const nobody = { onRun: () => undefined, onTerminate: () => undefined };
    const bridge = await startBridge(bridgePort, { upstream: ministack.endpoint, ...nobody });
    closing.push(() => bridge.stop());
    const repositories = ["shop", "api", "web"].map((name) => `${OWNER}/${name}`);
    const github = await startGitHub({ ghes: true, repositories });
    closing.push(() => github.close());
    return {
      env: {
        ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: REGION, AWS_EC2_METADATA_DISABLED: "true" },
        ...{ AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey },
        GITHUB_BASE_URL: `${new URL(github.apiUrl).origin}/`,
      },
      appKey: github.app.privateKey,
      variables: {
        github_app_id: String(github.app.id),
        github_app_installation_id: String(github.installationId),
        github_api_url: github.apiUrl,
      },
      stop,
    };
  } catch (error: unknown) {
    await stop();
    throw error;
  }
}

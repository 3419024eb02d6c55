import { notFound } from "./api-error.ts";
import { encodeJitConfig } from "./jit-config.ts";
import { type Answer, type Call, type Operations, page, scopeOf } from "./operation.ts";
import { scopeName } from "./runners.ts";
import { timestamp } from "./world.ts";

/** Self-hosted runners of repositories and organizations. */
export const runnerOperations: Operations = {
  "actions/generate-runner-jitconfig-for-repo": generate,
  "actions/generate-runner-jitconfig-for-org": generate,
  "actions/list-self-hosted-runners-for-repo": list,
  "actions/list-self-hosted-runners-for-org": list,
  "actions/get-self-hosted-runner-for-repo": get,
  "actions/get-self-hosted-runner-for-org": get,
  "actions/delete-self-hosted-runner-from-repo": remove,
  "actions/delete-self-hosted-runner-from-org": remove,
  "actions/list-runner-applications-for-repo": downloads,
  "actions/list-runner-applications-for-org": downloads,
  "actions/get-runner-deprecation-for-repo": deprecation,
  "actions/get-runner-deprecation-for-org": deprecation,
  "actions/list-self-hosted-runner-groups-for-org": (call) => {
    const { groups } = call.world.runners;
    const { items, headers } = page(call, groups);
    const url = `${call.world.addresses.apiUrl}/orgs/${scopeName(scopeOf(call))}/actions/runner-groups`;
    return {
      status: 200,
      body: {
        total_count: groups.length,
        runner_groups: items.map(({ id, name, repositories }) => ({
          id,
          name,
          visibility: repositories === undefined ? "all" : "selected",
          default: id === 1,
          runners_url: `${url}/${id}/runners`,
          inherited: false,
          allows_public_repositories: true,
        })),
      },
      headers,
    };
  },
};

/** Systems and architectures that GitHub has runners for; the checksum is told of the one that is asked about here. */
const SYSTEMS = [
  ["osx", "x64"],
  ["linux", "x64"],
  ["linux", "arm64"],
  ["win", "x64"],
] as const;

function downloads({ world }: Call): Answer {
  const { version, sha256 } = world.releases.offered;
  return {
    status: 200,
    body: SYSTEMS.map(([os, architecture]) => {
      const filename = `actions-runner-${os}-${architecture}-${version}.${os === "win" ? "zip" : "tar.gz"}`;
      const url = `https://github.com/actions/runner/releases/download/v${version}/${filename}`;
      const checksum = architecture === "arm64" && sha256 !== undefined ? { sha256_checksum: sha256 } : {};
      return { os, architecture, download_url: url, filename, ...checksum };
    }),
  };
}

function deprecation({ world, params }: Call): Answer {
  const version = params.version ?? "";
  const from = world.releases.refusedFrom.get(version);
  if (from === undefined) throw notFound();
  const date = from === null ? null : timestamp(from.getTime());
  return {
    status: 200,
    body: { runner_version: version, registration_deprecates_at: date, runtime_deprecates_at: date },
  };
}

interface JitRequest {
  name: string;
  runner_group_id: number;
  labels: string[];
  work_folder?: string;
}

async function generate(call: Call): Promise<Answer> {
  // The API description has been held against the body.
  const request = call.body as unknown as JitRequest;
  const { runners, addresses } = call.world;
  const scope = scopeOf(call);
  const runner = runners.register(scope, {
    name: request.name,
    labels: request.labels,
    groupId: request.runner_group_id,
    workFolder: request.work_folder ?? "_work",
  });
  const encoded = await encodeJitConfig({
    agentId: runner.id,
    agentName: runner.name,
    clientId: runner.clientId,
    groupId: runner.group.id,
    groupName: runner.group.name,
    workFolder: runner.workFolder,
    gitHubUrl: `${addresses.htmlUrl}/${scopeName(scope)}`,
    brokerUrl: addresses.brokerUrl,
  });
  return { status: 201, body: { runner: call.views.runner(runner), encoded_jit_config: encoded } };
}

function list(call: Call): Answer {
  const { name } = call.query;
  const runners = call.world.runners.list(scopeOf(call)).filter((runner) => name === undefined || runner.name === name);
  const { items, headers } = page(call, runners);
  return { status: 200, body: { total_count: runners.length, runners: items.map(call.views.runner) }, headers };
}

function get(call: Call): Answer {
  return { status: 200, body: call.views.runner(call.world.runners.get(scopeOf(call), Number(call.params.runner_id))) };
}

function remove(call: Call): Answer {
  call.world.runners.delete(scopeOf(call), Number(call.params.runner_id));
  return { status: 204 };
}

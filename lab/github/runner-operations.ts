import { encodeJitConfig } from "./jit-config.ts";
import { type Answer, type Call, type Operations, page, scopeOf } from "./operation.ts";
import { scopeName } from "./runners.ts";

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

import { accountViews } from "./account-views.ts";
import { appViews } from "./app-views.ts";
import { jobView, runView } from "./job-views.ts";
import type { Runner } from "./runners.ts";
import type { View, Views } from "./view.ts";
import type { Addresses } from "./world.ts";

/** Views with links to these addresses. */
export function createViews(addresses: Addresses): Views {
  const accounts = accountViews(addresses);
  return {
    ...accounts,
    ...appViews(addresses, accounts),
    job: jobView(addresses),
    run: runView(addresses, accounts),
    runner,
  };
}

function runner(subject: Runner): View {
  return {
    id: subject.id,
    name: subject.name,
    os: subject.os,
    status: subject.status,
    busy: subject.jobId !== undefined,
    ephemeral: true,
    runner_group_id: subject.group.id,
    labels: subject.labels.map((name, index) => ({
      id: index + 1,
      name,
      type: READ_ONLY_LABELS.has(name.toLowerCase()) ? "read-only" : "custom",
    })),
  };
}

const READ_ONLY_LABELS = new Set(["self-hosted", "linux", "windows", "macos", "x64", "arm", "arm64"]);

import type { LabClock } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import type { Accounts } from "./accounts.ts";
import type { Apps } from "./apps.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Hooks } from "./hooks.ts";
import type { Ids } from "./ids.ts";
import type { Jobs } from "./jobs.ts";
import type { Manifests } from "./manifests.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { RunnerReleases } from "./runner-releases.ts";
import type { Runners } from "./runners.ts";
import type { Tokens } from "./tokens.ts";

/** Where this GitHub is reached. */
export interface Addresses {
  /** Base URL of the REST API, without a trailing slash. */
  apiUrl: string;
  /** Base URL of the web pages. */
  htmlUrl: string;
  /** Base URL that runners talk to. */
  brokerUrl: string;
  /** GitHub Enterprise Server. */
  ghes: boolean;
}

/** All of one GitHub. */
export interface World {
  addresses: Addresses;
  clock: LabClock;
  ids: Ids;
  events: EventLog;
  accounts: Accounts;
  apps: Apps;
  manifests: Manifests;
  tokens: Tokens;
  runners: Runners;
  releases: RunnerReleases;
  jobs: Jobs;
  hooks: Hooks;
  deliveries: Deliveries;
  limits: RateLimits;
}

/** A time as GitHub writes it: ISO 8601 to the second. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** An id as GitHub's GraphQL API knows it. */
export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(`${kind}:${id}`).toString("base64url")}`;
}

import type { DispatcherEnvironment } from "../../contract/environment.ts";
import { DEFAULT_CLASS, type RunnerClassDocument, type RunnerClassesDocument } from "../../contract/runner-classes.ts";
import type { ClassScope, Scope } from "./scope.ts";

/** One class of runners, with all that a launch of it needs. */
export interface RunnerClass extends ClassScope {
  /** Runner group; 0: none, its runners are those of their job's repository. */
  groupId: number;
  /** 0: as many as may exist in all. */
  maxConcurrency: number;
  maxDurationSeconds: number;
  egressConnectorArn: string;
  /** Name of its own image; undefined: it shares the default's. */
  image: string | undefined;
  imageArn: string;
  /** Empty: the latest active one. */
  imageVersion: string;
  logGroup: string;
  allowForkPullRequests: boolean;
}

type ScopeEnvironment = Pick<
  DispatcherEnvironment,
  "GH_OWNER" | "GH_REPOSITORIES" | "REQUIRED_LABELS" | "RUNNER_LABELS"
>;

/** Which jobs are served: by the class `default`, as a function's environment has it, and by the others. */
export function scopeOf(environment: ScopeEnvironment, document: RunnerClassesDocument): Scope {
  const others = Object.entries(document).map(([name, each]) => classScope(name, each));
  return { ...ownerScope(environment), classes: [defaultScope(environment), ...others] };
}

/** {@link scopeOf}, with all that launches need. */
export function launchScopeOf(environment: DispatcherEnvironment, document: RunnerClassesDocument): Scope<RunnerClass> {
  const byDefault: RunnerClass = {
    ...defaultScope(environment),
    groupId: environment.RUNNER_GROUP_ID ?? 0,
    maxConcurrency: 0,
    maxDurationSeconds: environment.MAX_DURATION_SECONDS,
    egressConnectorArn: environment.EGRESS_CONNECTOR_ARN,
    image: undefined,
    imageArn: environment.IMAGE_ARN,
    imageVersion: environment.IMAGE_VERSION,
    logGroup: environment.LOG_GROUP,
    allowForkPullRequests: environment.ALLOW_FORK_PULL_REQUESTS,
  };
  const others = Object.entries(document).map(([name, each]) => launchClass(name, each, byDefault));
  return { ...ownerScope(environment), classes: [byDefault, ...others] };
}

/** One image of the deployment. */
export interface DeployedImage {
  /** Undefined: it is the default's, which classes may share. */
  name: string | undefined;
  arn: string;
  /** Versions that launches name. */
  pinned: readonly string[];
  /** Whether it is built again by itself; undefined: as the refresh function's environment has it. */
  isBuilt: boolean | undefined;
}

/** The default's image, and those that classes have of their own. */
export function imagesOf(
  { IMAGE_ARN, IMAGE_VERSION }: Pick<DispatcherEnvironment, "IMAGE_ARN" | "IMAGE_VERSION">,
  document: RunnerClassesDocument,
): DeployedImage[] {
  const classes = Object.values(document);
  const pinsOf = (name: string | undefined) =>
    classes.flatMap(({ image, version }) => (image === name && version !== undefined ? [version] : []));
  const pinned = IMAGE_VERSION === "" ? [] : [IMAGE_VERSION];
  const own = new Set(classes.flatMap(({ image }) => image ?? []));
  return [
    { name: undefined, arn: IMAGE_ARN, pinned: [...pinned, ...pinsOf(undefined)], isBuilt: undefined },
    ...[...own].map((name) => ({
      name,
      arn: arnOfImage(IMAGE_ARN, name),
      pinned: pinsOf(name),
      isBuilt: classes.some(({ image, built }) => image === name && built === true),
    })),
  ];
}

// The last part of an image's ARN is its name.
function arnOfImage(another: string, name: string): string {
  return another.replace(/[^:]*$/, name);
}

function launchClass(name: string, own: RunnerClassDocument, byDefault: RunnerClass): RunnerClass {
  const { image, egress } = own;
  return {
    ...classScope(name, own),
    groupId: own.group ?? byDefault.groupId,
    maxConcurrency: own.max ?? 0,
    maxDurationSeconds: own.seconds ?? byDefault.maxDurationSeconds,
    egressConnectorArn: egress ?? byDefault.egressConnectorArn,
    image,
    imageArn: image === undefined ? byDefault.imageArn : arnOfImage(byDefault.imageArn, image),
    logGroup: image === undefined ? byDefault.logGroup : byDefault.logGroup.replace(/[^/]*$/, image),
    imageVersion: own.version ?? (image === undefined ? byDefault.imageVersion : ""),
    allowForkPullRequests: own.forks ?? (egress === undefined && byDefault.allowForkPullRequests),
  };
}

function ownerScope({ GH_OWNER, GH_REPOSITORIES }: ScopeEnvironment): Pick<Scope, "owner" | "repositories"> {
  return { owner: GH_OWNER, repositories: GH_REPOSITORIES };
}

function defaultScope({ REQUIRED_LABELS, RUNNER_LABELS }: ScopeEnvironment): ClassScope {
  return { name: DEFAULT_CLASS, requiredLabels: REQUIRED_LABELS, runnerLabels: RUNNER_LABELS, repositories: [] };
}

function classScope(name: string, { required, runner, repositories = [] }: RunnerClassDocument): ClassScope {
  return { name, requiredLabels: required, runnerLabels: runner, repositories };
}

import { describe, expect, it } from "vitest";
import type { RunnerClassDocument } from "../../../contract/runner-classes.ts";
import { imagesOf, launchScopeOf, scopeOf } from "../../../dispatcher/core/runner-classes.ts";
import { functionEnvironment } from "../../../lab/world/services/function-environment.ts";

const labels = { required: ["microvm-large"], runner: ["microvm-large", "arm64"] };
const environment = {
  ...functionEnvironment,
  IMAGE_VERSION: "3.0",
  ALLOW_FORK_PULL_REQUESTS: true,
  RUNNER_GROUP_ID: 7,
};
const large = (own: Partial<RunnerClassDocument>, change: Partial<typeof environment> = {}) =>
  launchScopeOf({ ...environment, ...change }, { large: { ...labels, ...own } }).classes[1];

it("the webhook knows of each class what it serves, the default first", () => {
  const { classes } = scopeOf(environment, { large: { ...labels, repositories: ["shop"] } });
  expect(classes).toEqual([
    {
      name: "default",
      requiredLabels: environment.REQUIRED_LABELS,
      runnerLabels: environment.RUNNER_LABELS,
      repositories: [],
    },
    { name: "large", requiredLabels: labels.required, runnerLabels: labels.runner, repositories: ["shop"] },
  ]);
});

describe("a class", () => {
  it("is as the default in all that it leaves out", () => {
    const [byDefault] = launchScopeOf(environment, {}).classes;
    expect(large({})).toEqual({
      ...byDefault,
      name: "large",
      requiredLabels: labels.required,
      runnerLabels: labels.runner,
    });
  });

  it("has what it sets", () => {
    const own = { group: 9, max: 4, seconds: 600, egress: "arn:aws:connector", version: "5.0", forks: false };
    expect(large(own)).toMatchObject({
      groupId: 9,
      maxConcurrency: 4,
      maxDurationSeconds: 600,
      egressConnectorArn: "arn:aws:connector",
      imageArn: environment.IMAGE_ARN,
      imageVersion: "5.0",
      allowForkPullRequests: false,
    });
  });

  it("is in a group of runners only where it or the default is", () => {
    const { RUNNER_GROUP_ID: _, ...ungrouped } = environment;
    const groups = (own: Partial<RunnerClassDocument>) =>
      launchScopeOf(ungrouped, { large: { ...labels, ...own } }).classes.map(({ groupId }) => groupId);
    expect(groups({})).toEqual([0, 0]);
    expect(groups({ group: 9 })).toEqual([0, 9]);
  });

  it("with an image of its own launches that one's latest version, and logs beside it", () => {
    expect(large({ image: "gha-runner-large-0123abcd" })).toMatchObject({
      image: "gha-runner-large-0123abcd",
      imageArn: "arn:aws:lambda:eu-west-1:123456789012:microvm-image:gha-runner-large-0123abcd",
      logGroup: "/aws/lambda-microvms/gha-runner-large-0123abcd",
      imageVersion: "",
    });
  });

  it("with a connector of its own serves no forks unless it says so", () => {
    expect(large({ egress: "arn:aws:connector" })?.allowForkPullRequests).toBe(false);
    expect(large({ egress: "arn:aws:connector", forks: true })?.allowForkPullRequests).toBe(true);
    expect(large({}, { ALLOW_FORK_PULL_REQUESTS: false })?.allowForkPullRequests).toBe(false);
  });
});

it("each image is there once, with what is pinned of it by whoever launches from it", () => {
  const images = imagesOf(environment, {
    shared: { ...labels, version: "2.0" },
    large: { ...labels, image: "gha-runner-large-1", version: "5.0" },
    small: { ...labels, image: "gha-runner-small-1", built: true },
  });
  const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:microvm-image:${name}`;
  expect(images).toEqual([
    { name: undefined, arn: arnOf("gha-runner"), pinned: ["3.0", "2.0"], isBuilt: undefined },
    { name: "gha-runner-large-1", arn: arnOf("gha-runner-large-1"), pinned: ["5.0"], isBuilt: false },
    { name: "gha-runner-small-1", arn: arnOf("gha-runner-small-1"), pinned: [], isBuilt: true },
  ]);
});

/** Random sets of runner classes that a plan accepts, and jobs that each of them serves, for the world to play. */
import { type ClassLabels, overlaps } from "../../contract/class-overlap.ts";
import type { RunnerClassDocument, RunnerClassesDocument } from "../../contract/runner-classes.ts";
import { functionEnvironment } from "./services/function-environment.ts";

const LABELS = ["self-hosted", "linux", "arm64", "microvm", "large", "small", "docker", "net", "gpu"];
const REPOSITORIES = ["shop", "site", "tools"];
const GROUPS = [7, 9];
const ACCOUNT = functionEnvironment.EGRESS_CONNECTOR_ARN.replace(/[^:]*:[^:]*$/, "");

/** A class with its labels, the default included. */
export interface PlayedClass {
  name: string;
  required: readonly string[];
  runner: readonly string[];
  /** Undefined: the default. */
  document?: RunnerClassDocument;
}

export interface PlayedJob {
  id: number;
  runId: number;
  repository: string;
  labels: string[];
  /** Undefined: no class serves it. */
  className: string | undefined;
}

type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const some = <T>(random: Random, list: readonly T[], part: number) => list.filter(() => random() < part);

/** Some classes beside the default, each of which the rule lets stand beside those before it, where that is asked. */
export function randomClasses(random: Random, isRuled = true): PlayedClass[] {
  const { REQUIRED_LABELS: required, RUNNER_LABELS: runner } = functionEnvironment;
  const classes: PlayedClass[] = [{ name: "default", required, runner }];
  const wanted = 1 + Math.floor(random() * 6);
  for (let tries = 0; tries < 200 && classes.length <= wanted; tries++) {
    const candidate = randomClass(random, `class-${classes.length}`);
    if (!isRuled || classes.every((each) => !collide(each, candidate))) classes.push(candidate);
  }
  return classes;
}

/** What the functions are told of them. */
export function documentOf(classes: readonly PlayedClass[]): RunnerClassesDocument {
  return Object.fromEntries(
    classes.flatMap(({ name, document }) => (document === undefined ? [] : [[name, document] as const])),
  );
}

/** Whether a plan refuses the two side by side. */
export function collide(one: PlayedClass, other: PlayedClass): boolean {
  return overlaps(setsOf(one), setsOf(other)) || overlaps(setsOf(other), setsOf(one));
}

function setsOf({ required, runner }: PlayedClass): ClassLabels {
  return { required: lower(required), runner: lower(runner) };
}

function lower(labels: readonly string[]): Set<string> {
  return new Set(labels.map((label) => label.toLowerCase()));
}

function randomClass(random: Random, name: string): PlayedClass {
  const own = some(random, LABELS, 0.4);
  const runner = own.length === 0 ? [pick(random, LABELS)] : own;
  const wanted = some(random, runner, 0.6);
  const required = wanted.length === 0 ? [pick(random, runner)] : wanted;
  const chance = <T>(part: number, value: () => T): T | undefined => (random() < part ? value() : undefined);
  const image = chance(0.6, () => `gha-runner-${name}`);
  const group = chance(0.3, () => pick(random, GROUPS));
  const settings = {
    group,
    image,
    repositories: group === undefined ? chance(0.3, () => [pick(random, REPOSITORIES)]) : undefined,
    max: chance(0.4, () => 3 + Math.floor(random() * 20)),
    seconds: chance(0.3, () => 1_800),
    egress: chance(0.4, () => `${ACCOUNT}vpc-${name}`),
    version: image === undefined ? undefined : chance(0.2, () => "1.0"),
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { name, required, runner, document: { required, runner, ...Object.fromEntries(given) } };
}

/**
 * A job that its class serves, by one of the sets of labels that it may have; rarely of a repository that it does not
 * serve.
 * `inGroup`: the default's runners, and so those of all classes, are in a group, whose settings decide about repositories.
 */
export function randomJob(
  random: Random,
  classes: readonly PlayedClass[],
  { id, inGroup }: { id: number; inGroup: boolean },
): PlayedJob {
  const { name, required, runner, document } = pick(random, classes);
  const served = document?.repositories ?? REPOSITORIES;
  const others = REPOSITORIES.filter((repository) => !served.includes(repository));
  const isForeign = !inGroup && others.length > 0 && random() < 0.02;
  const repository = pick(random, isForeign ? others : served);
  const runId = 1 + Math.floor(id / 10);
  const wanted = [...required, ...some(random, runner, 0.3).filter((label) => !required.includes(label))];
  const scoped = required.find((label) => !["self-hosted", "linux", "arm64"].includes(label));
  const isScoped = scoped !== undefined && random() < 0.1;
  const labels = wanted.map((label) => (isScoped && label === scoped ? `${label}-run-${runId}` : label));
  return { id, runId, repository: `acme/${repository}`, labels, className: isForeign ? undefined : name };
}

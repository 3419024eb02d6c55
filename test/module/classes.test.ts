import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { overlaps } from "../../contract/class-overlap.ts";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import { collide, type PlayedClass, randomClasses } from "../../lab/world/class-sets.ts";
import { createRandom } from "../../lab/world/random.ts";
import { INPUT_SECTIONS } from "../../src/interface/inputs.ts";
import { CLASS_IMAGE_MEMBERS, CLASS_MEMBERS } from "../../src/interface/runner-classes-input.ts";
import { openClasses } from "./open-classes.ts";

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

/** What a plan says against the calls, all lines of all diagnostics. */
async function linesOf(calls: Record<string, Record<string, unknown>>): Promise<string[]> {
  const workspace = await openClasses(calls, providers);
  const found = await workspace.diagnose();
  await workspace.close();
  return found.flatMap(({ summary, detail }) => [summary, ...detail.split("\n")]);
}

const labelsOf = ({ required, runner }: PlayedClass) => ({ required_labels: required, runner_labels: runner });
const classOf = (name: string, required: string[], runner = required): PlayedClass => ({ name, required, runner });
const byDefault = classOf("default", ["self-hosted", "microvm"], ["self-hosted", "linux", "arm64", "microvm"]);

/** At the boundaries of the rule: one label more or less decides. */
const BOUNDARIES: [string, PlayedClass[]][] = [
  ["a label of its own", [classOf("a", ["microvm-a"])]],
  ["the default's label and one more", [classOf("a", ["microvm", "a"])]],
  ["only a label that GitHub may add", [classOf("a", ["linux"])]],
  ["one of those beside its own", [classOf("a", ["linux", "a"])]],
  ["another case of the default's", [classOf("a", ["MicroVM"], ["MicroVM", "a"])]],
  ["a runner that has the default's label too", [classOf("a", ["a"], ["a", "microvm"])]],
  ["two that share a label that is not required", [classOf("a", ["a"], ["a", "x"]), classOf("b", ["b"], ["b", "x"])]],
  ["two of which one requires what the other has", [classOf("a", ["a"]), classOf("b", ["a", "b"])]],
  ["two with the same labels in two cases", [classOf("a", ["gpu"]), classOf("b", ["GPU"])]],
];

function sets(): PlayedClass[][] {
  const random = createRandom(16);
  const accepted: PlayedClass[][] = [];
  const refused: PlayedClass[][] = [];
  const put = (classes: PlayedClass[]) => {
    const all = [byDefault, ...classes];
    const clash = all.some((one) => all.some((other) => one !== other && collide(one, other)));
    const list = clash ? refused : accepted;
    if (list.length < 15) list.push(classes);
  };
  for (const [, classes] of BOUNDARIES) put(classes);
  while (accepted.length < 15 || refused.length < 15) put(randomClasses(random, accepted.length < 15).slice(1));
  return [...accepted, ...refused];
}

describe("the rule among classes", () => {
  it("refuses in a plan just the pairs that overlap, and names both with their labels", async () => {
    const played = sets();
    const calls = played.map((classes, index): [string, Record<string, unknown>] => [
      `set_${index}`,
      {
        runner_classes: Object.fromEntries(classes.map((each, position) => [`s${index}-${position}`, labelsOf(each)])),
      },
    ]);
    const lines = await linesOf(Object.fromEntries(calls));
    const said = lines.flatMap((line) =>
      [...line.matchAll(/a job of (\S+) \(required_labels [^)]*\) fits a runner of (\S+) \(runner_labels /g)].map(
        ([, jobs, runners]) => `${jobs} ${runners}`,
      ),
    );
    const lower = (labels: readonly string[]) => new Set(labels.map((label) => label.toLowerCase()));
    const sides = ({ required, runner }: PlayedClass) => ({ required: lower(required), runner: lower(runner) });
    const expected = played.flatMap((classes, index) => {
      const all = [byDefault, ...classes.map((each, position) => ({ ...each, name: `s${index}-${position}` }))];
      return all.flatMap((jobs) =>
        all
          .filter((runners) => runners !== jobs && overlaps(sides(jobs), sides(runners)))
          .map((runners) => `${jobs.name} ${runners.name}`),
      );
    });
    expect(said.toSorted()).toEqual(expected.toSorted());
    expect(expected.length).toBeGreaterThanOrEqual(15);
  });
});

it("every customisation of an image is one of a class's image", () => {
  const customising = ["Customisation of the image", "Docker in the image", "Actions runner"];
  const inputs = INPUT_SECTIONS.filter(({ title }) => customising.includes(title)).flatMap(({ entries }) => entries);
  const ofTheClass = ["egress_network_connector_arn", "runner_environment"];
  const names = inputs.map(({ name }) => name).filter((name) => !ofTheClass.includes(name));
  expect(Object.keys(CLASS_IMAGE_MEMBERS).toSorted()).toEqual(names.toSorted());
  for (const name of ofTheClass) expect(Object.keys(CLASS_MEMBERS)).toContain(name);
});

const REFUSED: [string, Record<string, unknown>, RegExp][] = [
  ["a class that is null", { large: null }, /runner_classes has a class that is null/],
  ["the name of the default", { default: {} }, /none of them default/],
  ["a name that could not be part of others", { "-x": {} }, /must have names of 2 to 20 lower-case letters/],
  ["a bound that is none", { large: { max_concurrency: -1 } }, /class large: max_concurrency must be a whole number/],
  ["a repository without an owner", { large: { repositories: ["shop"] } }, /class large: repositories must hold/],
  [
    "a repository that is not served",
    { large: { repositories: ["other/shop"] } },
    /class large: repositories must be among those that are served/,
  ],
  [
    "a connector of another account",
    { large: { egress_network_connector_arn: "arn:aws:lambda:eu-west-1:999999999999:network-connector:x" } },
    /class large: egress_network_connector_arn is a connector of another Region or account/,
  ],
  [
    "more than the parameter holds",
    Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `class-${index}`,
        { repositories: Array.from({ length: 10 }, (__, each) => `my-org/repository-${each}`) },
      ]),
    ),
    /runner_classes take \d+ characters.*class-39 \d+/,
  ],
  [
    "a label that no runner of the class has",
    { large: { required_labels: ["gpu"], runner_labels: ["microvm-large"] } },
    /class large: required_labels must all be in runner_labels/,
  ],
];

/** So many of the first are refused by the rules of the variable itself. */
const OF_VARIABLE = 3;

const withRepositories = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `class-${index}`,
      { repositories: Array.from({ length: 5 }, (__, each) => `my-org/repo-${each}`) },
    ]),
  );

describe("a plan", () => {
  let lines: string;
  beforeAll(async () => {
    const calls = REFUSED.map(([, runner_classes], index): [string, Record<string, unknown>] => [
      `bad_${index}`,
      { runner_classes },
    ]);
    const good = { runner_classes: withRepositories(32) };
    // Where a value breaks a rule of its variable, Terraform evaluates nothing else.
    const ofVariable = await linesOf(Object.fromEntries(calls.slice(0, OF_VARIABLE)));
    const others = await linesOf({ ...Object.fromEntries(calls.slice(OF_VARIABLE)), good });
    lines = [...ofVariable, ...others].join("\n");
  });

  it.each(REFUSED)("refuses %s", (_, __, message) => {
    expect(lines).toMatch(message);
  });

  it("takes 32 classes with five repositories each", () => {
    expect(lines.match(/runner_classes take \d+ characters/g)).toHaveLength(1);
  });
});

/**
 * The rule by which no class's runner can take a job of another class. It is data: the module's plan refuses what
 * overlaps, in the HCL that is printed from it, and whoever works with classes here evaluates it.
 */

/** Labels that GitHub may add to each runner that registers just in time, whatever it registers with. */
export const IMPLIED_LABELS: ReadonlySet<string> = new Set(["self-hosted", "linux", "arm64"]);

/** The labels of a class, in lower case, as GitHub compares them. */
export interface ClassLabels {
  /** What a job of the class has at least. */
  required: ReadonlySet<string>;
  /** What a runner of the class has, and a job of the class at most. */
  runner: ReadonlySet<string>;
}

/** A set of labels, by where it comes from. */
export type LabelSet =
  | { kind: "labels"; of: "jobs" | "runners"; list: keyof ClassLabels }
  | { kind: "these"; labels: ReadonlySet<string> }
  | { kind: "union"; sets: readonly LabelSet[] };

/** Whether all labels of one set are in another. */
export interface LabelRule {
  all: LabelSet;
  in: LabelSet;
}

/** Some job of the class `jobs` fits a runner of the class `runners`. */
export const OVERLAP: LabelRule = {
  all: { kind: "labels", of: "jobs", list: "required" },
  in: {
    kind: "union",
    sets: [
      { kind: "labels", of: "runners", list: "runner" },
      { kind: "these", labels: IMPLIED_LABELS },
    ],
  },
};

/** Whether a job of one class could be given to a runner of the other. */
export function overlaps(jobs: ClassLabels, runners: ClassLabels): boolean {
  const classes = { jobs, runners };
  return labelsOf(OVERLAP.all, classes).isSubsetOf(labelsOf(OVERLAP.in, classes));
}

function labelsOf(set: LabelSet, classes: Readonly<Record<"jobs" | "runners", ClassLabels>>): Set<string> {
  switch (set.kind) {
    case "labels":
      return new Set(classes[set.of][set.list]);
    case "these":
      return new Set(set.labels);
    case "union":
      return set.sets.reduce((all, each) => all.union(labelsOf(each, classes)), new Set<string>());
  }
}

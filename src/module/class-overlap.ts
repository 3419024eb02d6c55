import { IMPLIED_LABELS, type LabelRule, type LabelSet, OVERLAP } from "../../contract/class-overlap.ts";
import { and, call, equal, expression, forExpression, notEqual, ref, template } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";

function setOf(set: LabelSet): Expression {
  switch (set.kind) {
    case "labels":
      return ref(`${set.of}.${set.list}`);
    case "these":
      return expression([...set.labels]);
    case "union":
      return call("concat", ...set.sets.map(setOf));
  }
}

/** The rule in HCL, over the labels `jobs` and `runners` of two classes. */
function inHcl(rule: LabelRule): Expression {
  return equal(call("length", call("setsubtract", setOf(rule.all), setOf(rule.in))), 0);
}

const joined = (list: string) => call("join", ", ", ref(list));

/** One text for each two classes of which one's jobs fit the other's runners. */
export const CLASS_OVERLAPS: Expression = call(
  "flatten",
  forExpression(["job_class", "jobs"], ref("local.class_labels"), {
    value: forExpression(["runner_class", "runners"], ref("local.class_labels"), {
      value: template(
        "a job of ",
        ref("job_class"),
        " (required_labels ",
        joined("jobs.required"),
        ") fits a runner of ",
        ref("runner_class"),
        " (runner_labels ",
        joined("runners.runner"),
        ")",
      ),
      when: and(notEqual(ref("job_class"), ref("runner_class")), inHcl(OVERLAP)),
    }),
  }),
);

/** What to do about them. */
export const OVERLAP_ADVICE = `. GitHub gives a job to any runner that has all its labels, and may add ${[...IMPLIED_LABELS].join(", ")} to each: give each class a label of its own among its required_labels, such as microvm-large, that no other class's runner_labels have.`;

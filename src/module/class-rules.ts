/**
 * What a plan refuses of `runner_classes`: the rules of the inputs of the same names, and those that hold among
 * classes.
 */
import { LIMITS } from "../../contract/limits.ts";
import { and, call, conditional, equal, forExpression, index, listFor, or, ref, template } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { substitute } from "../hcl/substitute.ts";
import type { Validation } from "../interface/input.ts";
import { INPUT_SECTIONS } from "../interface/inputs.ts";
import { every, rule, wholeNumberWithin } from "../interface/rules.ts";
import { CLASS_IMAGE_MEMBERS } from "../interface/runner-classes-input.ts";

const OF_IMAGE = Object.keys(CLASS_IMAGE_MEMBERS);
/** Members that are as the inputs have them where a class leaves them out. */
const OF_CLASS = [
  "additional_os_capabilities",
  "egress_network_connector_arn",
  "image_version",
  "max_duration_seconds",
  "runner_environment",
  "runner_group_id",
  "runner_memory_mib",
];
const NAME = ref("name");
const own = (member: string) => ref(`class.${member}`);

/** A reference to an input, in the eyes of a class: what that has in its place. */
function inClass(path: string): Expression | undefined {
  const [, member] = /^var\.(\w+)$/.exec(path) ?? [];
  if (member === undefined) return undefined;
  if (member === "required_labels" || member === "runner_labels") {
    return index(ref(`local.class_${member}`), NAME);
  }
  if (OF_IMAGE.includes(member)) return ref(`class.image.${member}`);
  // A rule about another member is told what holds for the class.
  return OF_CLASS.includes(member) ? conditional(equal(own(member), null), ref(path), own(member)) : undefined;
}

/** An error's text where something is wrong with a class; empty where all is well. */
function problem({ condition, errorMessage }: Validation, isLeftOut?: Expression): Expression {
  const seen = substitute(condition, inClass);
  const holds = isLeftOut === undefined ? seen : conditional(isLeftOut, true, seen);
  return conditional(holds, "", template("runner_classes, class ", NAME, `: ${errorMessage}`));
}

function rulesOf(member: string): readonly Validation[] {
  const inputs = INPUT_SECTIONS.flatMap(({ entries }) => entries);
  const input = inputs.find(({ name }) => name === member);
  if (input === undefined) throw new Error(`a class has a member ${member}, and there is no such input`);
  return input.validations ?? [];
}

const REPOSITORIES = own("repositories");
const SERVED = listFor("repository", ref("var.github_repositories"), (each) => call("lower", each));

/** What no input has a rule for. */
const OWN_RULES: readonly Validation[] = [
  rule(
    wholeNumberWithin(own("max_concurrency"), LIMITS.maxConcurrency),
    `max_concurrency must be a whole number ${LIMITS.maxConcurrency}: the number of its MicroVMs that may run at once, or 0 for as many as all may have.`,
  ),
  rule(
    every(REPOSITORIES, "repository", (each) =>
      equal(call("length", call("regexall", "^[^/]+/[^/]+$", call("coalesce", each, "-"))), 1),
    ),
    "repositories must hold entries of the form owner/name, none of them null.",
  ),
  rule(
    every(REPOSITORIES, "repository", (each) =>
      call(
        "try",
        conditional(
          equal(call("length", SERVED), 0),
          equal(call("lower", index(call("split", "/", each), 0)), call("lower", ref("local.github_owner"))),
          call("contains", SERVED, call("lower", each)),
        ),
        true,
      ),
    ),
    "repositories must be among those that are served: github_repositories, or those of github_organization where that is empty.",
  ),
];

const CONNECTOR = call("split", ":", own("egress_network_connector_arn"));

/** As `preconditions.ts` has it for the input of that name. */
const CONNECTOR_PLACE = rule(
  call(
    "try",
    and(
      equal(index(CONNECTOR, 3), ref("local.region")),
      or(equal(index(CONNECTOR, 4), ref("local.account_id")), equal(index(CONNECTOR, 4), "aws")),
    ),
    true,
  ),
  "egress_network_connector_arn is a connector of another Region or account than the aws provider's: make one there, or leave it out.",
);

/** One text for each class and rule, empty where it holds. */
export const CLASS_PROBLEMS: Expression = call(
  "compact",
  call(
    "flatten",
    forExpression(["name", "class"], ref("var.runner_classes"), {
      value: [
        ...["required_labels", "runner_labels"].flatMap((member) => rulesOf(member).map((each) => problem(each))),
        ...OF_CLASS.flatMap((member) => rulesOf(member).map((each) => problem(each, equal(own(member), null)))),
        ...OF_IMAGE.flatMap((member) => rulesOf(member).map((each) => problem(each, equal(own("image"), null)))),
        ...OWN_RULES.map((each) => problem(each)),
        problem(CONNECTOR_PLACE, equal(own("egress_network_connector_arn"), null)),
      ],
    }),
  ),
);

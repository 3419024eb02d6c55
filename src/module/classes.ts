import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { Construct } from "constructs";
import { IMPLIED_LABELS } from "../../contract/class-overlap.ts";
import type { RunnerClassDocument } from "../../contract/runner-classes.ts";
import { RUNNER_ENV_FILE } from "../../contract/runner-env.ts";
import {
  above,
  and,
  atMost,
  because,
  call,
  conditional,
  equal,
  expression,
  forExpression,
  index,
  listFor,
  not,
  notEqual,
  ref,
  template,
} from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { except } from "../synth/except.ts";
import { explain } from "../synth/explain.ts";
import { asList, asNumber, asString, asStringMap } from "../synth/hcl-token.ts";
import type { ClassImages } from "./class-images.ts";
import { CLASS_OVERLAPS, OVERLAP_ADVICE } from "./class-overlap.ts";
import { CLASS_PROBLEMS } from "./class-rules.ts";
import { addLocals } from "./locals.ts";
import { input, local } from "./reference.ts";
import { CLASSES_EXCEPTION } from "./scan-exceptions.ts";

/**
 * What an SSM parameter of the advanced tier holds, but for some that is kept free (AWS Systems Manager, parameter
 * tiers).
 */
const MAX_BYTES = 8_000;

const CLASSES = ref("var.runner_classes");
const NAME = ref("name");
const own = (member: string) => ref(`class.${member}`);
const lower = (list: Expression) => listFor("label", list, (label) => call("lower", label));
const whereGiven = (value: Expression, otherwise: Expression) => conditional(notEqual(value, null), value, otherwise);
const perClass = (value: Expression, when?: Expression) =>
  forExpression(["name", "class"], CLASSES, { key: NAME, value, ...(when === undefined ? {} : { when }) });

const IMPLIED = [...IMPLIED_LABELS];
const REQUIRED = ref("var.required_labels");

/** The inputs' required labels, those of a class's own behind all but the ones that GitHub may add to any runner. */
const derivedRequired = listFor("label", REQUIRED, (label) =>
  conditional(call("contains", IMPLIED, call("lower", label)), label, template(label, "-", NAME)),
);
const derivedRunner = call(
  "distinct",
  call(
    "concat",
    index(ref("local.class_required_labels"), NAME),
    listFor(
      "label",
      ref("var.runner_labels"),
      (label) => label,
      (label) => not(call("contains", lower(REQUIRED), call("lower", label))),
    ),
  ),
);
const labelsOf = (required: Expression, runner: Expression): Expression =>
  expression({ required: lower(required), runner: lower(runner) });

const orNull = (isGiven: Expression, value: Expression) => conditional(isGiven, value, null);

type Written<T> = { [Name in keyof T]-?: Expression };

/** What the functions are told of a class; null members are left out. */
const DOCUMENT: Omit<Written<RunnerClassDocument>, "image"> = {
  required: index(ref("local.class_required_labels"), NAME),
  runner: index(ref("local.class_runner_labels"), NAME),
  repositories: orNull(
    above(call("length", own("repositories")), 0),
    listFor("repository", own("repositories"), (each) => call("element", call("split", "/", each), 1)),
  ),
  group: own("runner_group_id"),
  max: orNull(above(own("max_concurrency"), 0), own("max_concurrency")),
  seconds: own("max_duration_seconds"),
  egress: own("egress_network_connector_arn"),
  version: own("image_version"),
  built: orNull(call("contains", ref("local.class_built"), NAME), expression(true)),
  forks: own("allow_fork_pull_requests"),
};

const documentWith = (image: Expression): Expression =>
  perClass(
    forExpression(
      ["key", "value"],
      { ...DOCUMENT, image },
      {
        key: ref("key"),
        value: ref("value"),
        when: notEqual(ref("value"), null),
      },
    ),
  );
const SIZED = ref("local.class_documents_sized");

const LOCALS = {
  class_required_labels: because(
    perClass(whereGiven(own("required_labels"), derivedRequired)),
    "What a class leaves out of its labels is as the inputs have it, with the class's name behind each required label.",
  ),
  class_runner_labels: perClass(whereGiven(own("runner_labels"), derivedRunner)),
  class_labels: because(
    call(
      "merge",
      { default: labelsOf(REQUIRED, ref("var.runner_labels")) },
      perClass(
        labelsOf(index(ref("local.class_required_labels"), NAME), index(ref("local.class_runner_labels"), NAME)),
      ),
    ),
    "In lower case, as GitHub compares them.",
  ),
  class_overlaps: CLASS_OVERLAPS,
  class_problems: CLASS_PROBLEMS,
  class_built: because(
    forExpression(["name", "image"], ref("local.class_images"), {
      value: NAME,
      when: and(
        equal(ref("var.image_refresh.mode"), "auto"),
        equal(index(index(CLASSES, NAME), "image_version"), null),
        equal(ref("image.runner_version"), null),
        call("strcontains", call("coalesce", ref("image.dockerfile"), RUNNER_ENV_FILE), RUNNER_ENV_FILE),
      ),
    }),
    "Images that are built again by themselves: whoever pins something wants it to stay.",
  ),
  class_documents: documentWith(call("try", index(ref("local.class_image_names"), NAME), null)),
  class_documents_sized: because(
    documentWith(
      conditional(
        call("contains", call("keys", ref("local.class_images")), NAME),
        template(ref("var.name_prefix"), "-runner-", call("substr", NAME, 0, 7), "-00000000"),
        null,
      ),
    ),
    "As long as the documents are, and known when it is planned.",
  ),
} satisfies Readonly<Record<string, Expression>>;

/** Classes of runners: what of them holds, and how the functions are told. */
export class Classes extends Construct {
  /** ARNs of the parameter: one, or none. */
  readonly parameterArns = ref("aws_ssm_parameter.classes[*].arn");
  /**
   * Of the images that classes have of their own; with their versions, in one text each, of which a policy holds so
   * many more.
   */
  readonly imageArns = call("values", ref("local.class_image_arns"));
  readonly imageArnsWithVersions = listFor("arn", this.imageArns, (arn) => template(arn, "*"));
  /** Of those that are built again by themselves. */
  readonly builtArnsWithVersions = forExpression(["name", "arn"], ref("local.class_image_arns"), {
    value: template(ref("arn"), "*"),
    when: call("contains", ref("local.class_built"), NAME),
  });
  /** Connectors that classes have of their own. */
  readonly connectorArns = listFor(
    "class",
    call("values", CLASSES),
    () => own("egress_network_connector_arn"),
    () => notEqual(own("egress_network_connector_arn"), null),
  );

  /** Policies by which the parameter may be read: one, or none. */
  readonly mayRead = ref("data.aws_iam_policy_document.classes[*].json");

  constructor(scope: Construct, id: string, { images }: { images: ClassImages }) {
    super(scope, id);
    addLocals(this, LOCALS);
    new DataAwsIamPolicyDocument(this, "document.classes", {
      count: asNumber(conditional(above(call("length", CLASSES), 0), 1, 0)),
      statement: [{ sid: "ReadClasses", actions: ["ssm:GetParameter"], resources: asList(this.parameterArns) }],
    });
    const bytes = call("length", call("jsonencode", SIZED));
    const parameter = explain(
      new SsmParameter(this, "parameter.classes", {
        count: asNumber(conditional(above(call("length", CLASSES), 0), 1, 0)),
        name: `/${input("name_prefix")}/classes`,
        description: "Classes of runners beside the default",
        type: "String",
        tier: asString(
          because(
            "Advanced",
            "Always: going back to Standard replaces the parameter, whose versions then begin at 1 again.",
          ),
        ),
        value: asString(call("jsonencode", ref("local.class_documents"))),
        tags: asStringMap(local("tags")),
        dependsOn: images.built,
        lifecycle: {
          createBeforeDestroy: true,
          precondition: [
            {
              condition: asString(equal(call("length", ref("local.class_problems")), 0)),
              errorMessage: asString(call("join", "\n", ref("local.class_problems"))),
            },
            {
              condition: asString(equal(call("length", ref("local.class_overlaps")), 0)),
              errorMessage: asString(
                template("runner_classes: ", call("join", "; ", ref("local.class_overlaps")), OVERLAP_ADVICE),
              ),
            },
            {
              condition: asString(atMost(bytes, MAX_BYTES)),
              errorMessage: asString(
                template(
                  "runner_classes take ",
                  bytes,
                  ` characters, and the parameter that tells the functions of them holds ${MAX_BYTES}: `,
                  call(
                    "join",
                    ", ",
                    forExpression(["name", "document"], SIZED, {
                      value: template(NAME, " ", call("length", call("jsonencode", ref("document")))),
                    }),
                  ),
                  ". Use fewer classes, repositories or labels.",
                ),
              ),
            },
          ],
        },
      }),
      [
        "Nothing in it is secret. Names of images, and no ARNs, which would take a third of it. Written when all images are built: one that",
        "fails leaves the functions what they had.",
      ].join("\n"),
    );
    except(parameter, CLASSES_EXCEPTION);
  }
}

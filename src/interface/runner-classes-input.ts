import { and, call, notEqual, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import type { Input } from "./input.ts";
import { every, matches, rule } from "./rules.ts";

const CLASSES = ref("var.runner_classes");
const NAMES = call("keys", CLASSES);
const optional = (type: Expression, whenAbsent?: readonly [] | Record<string, never> | number) =>
  whenAbsent === undefined ? call("optional", type) : call("optional", type, whenAbsent);
const text = ref("string");
const texts = call("list", text);
const textByName = call("map", text);

/**
 * What an image of a class's own may be built from, each as the input of that name; absent: as the module has it by
 * default.
 */
export const CLASS_IMAGE_MEMBERS = {
  docker_images: optional(texts, []),
  docker_registry_mirrors: optional(texts, []),
  dockerfile: optional(text),
  extra_build_files: optional(textByName, {}),
  extra_packages: optional(texts, []),
  runner_sha256: optional(text),
  runner_version: optional(text),
  setup_commands: optional(texts, []),
};

/** What a class may set beside its labels: each means what the input of that name means. */
export const CLASS_MEMBERS = {
  additional_os_capabilities: optional(texts),
  allow_fork_pull_requests: optional(ref("bool")),
  egress_network_connector_arn: optional(text),
  image: optional(call("object", CLASS_IMAGE_MEMBERS)),
  image_version: optional(text),
  max_concurrency: optional(ref("number"), 0),
  max_duration_seconds: optional(ref("number")),
  repositories: optional(texts, []),
  required_labels: optional(texts),
  runner_environment: optional(textByName),
  runner_group_id: optional(ref("number")),
  runner_labels: optional(texts),
  runner_memory_mib: optional(ref("number")),
};

/**
 * Classes of runners beside the one that the other inputs describe. What its rules need of other inputs stands in
 * `class-rules.ts`.
 */
export const runnerClasses: Input = {
  name: "runner_classes",
  type: call("map", call("object", CLASS_MEMBERS)),
  description: [
    "Further classes of runners, by name, beside the class default, which the other inputs describe: jobs choose one by its labels.",
    "What a class leaves out is as that input has it; what it sets replaces the input whole.",
    'Labels left out: the inputs\' own, "-<class>" behind each of required_labels but self-hosted, linux and arm64.',
    "repositories: owner/name of those that may use it; empty: all that are served.",
    "max_concurrency: below the module's own, which stays the total.",
    "runner_memory_mib, additional_os_capabilities, runner_environment or image: an image of its own, else it shares the default's;",
    "what image leaves out is as the module has it by default.",
    "allow_fork_pull_requests left out: false with an egress_network_connector_arn.",
  ].join(" "),
  default: {},
  validations: [
    rule(
      every(call("values", CLASSES), "class", (each) => notEqual(each, null)),
      "runner_classes has a class that is null: write {} for one that is as the inputs are but for its labels, or leave it out.",
    ),
    rule(
      every(NAMES, "name", (name) => and(matches(name, "^[a-z][a-z0-9-]{0,18}[a-z0-9]$"), notEqual(name, "default"))),
      "runner_classes must have names of 2 to 20 lower-case letters, digits and hyphens that begin with a letter and do not end with a hyphen, none of them default, which is the class of the other inputs.",
    ),
  ],
};

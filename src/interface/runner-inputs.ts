import { LIMITS } from "../../contract/limits.ts";
import { above, and, atMost, call, equal, listFor, not, ref } from "../hcl/build.ts";
import { imageRefresh } from "./image-refresh-input.ts";
import type { Input, Validation } from "./input.ts";
import { distinctIgnoringCase, every, matches, nullOr, rule, wholeNumberWithin } from "./rules.ts";

/** Memory sizes that the al2023-1 base image supports (Lambda MicroVMs). */
const MEMORY_TIERS_MIB = [512, 1_024, 2_048, 4_096, 8_192];
/** Two such lists are in a function's environment of 4 KB. */
const MAX_LABEL_CHARACTERS = 450;

const lowerOf = (name: string) => listFor("label", ref(`var.${name}`), (label) => call("lower", label));

function labelRules(variable: string): Validation[] {
  const list = ref(`var.${variable}`);
  return [
    rule(
      above(call("length", list), 0),
      `${variable} must name at least one label: write the labels that a job's runs-on asks for, such as ["self-hosted", "microvm"].`,
    ),
    rule(
      every(list, "label", (label) => matches(label, String.raw`^[^,\s]+$`)),
      `${variable} must hold labels without commas, spaces or line breaks, none of them empty: write one label per entry.`,
    ),
    rule(
      every(list, "label", (label) => matches(label, "^[ -~]*$")),
      `${variable} must hold labels of ASCII characters: write the label without accents, ligatures and emoji, in runs-on too.`,
    ),
    rule(
      every(list, "label", (label) => not(matches(label, "(?i)-run-[0-9]+(-|$)"))),
      `${variable} must hold no label with -run- and a number in it, such as microvm-run-1: that is how a job asks for a runner of its own run. Name it otherwise.`,
    ),
    rule(
      not(call("contains", lowerOf(variable), "x64")),
      `${variable} must not hold x64, which GitHub gives to runners of another architecture: MicroVMs are arm64, and a job that asks for x64 would fail in one. Write arm64, or leave the architecture out.`,
    ),
    rule(
      distinctIgnoringCase(list, "label"),
      `${variable} names a label twice (GitHub ignores case in labels): remove the duplicate.`,
    ),
    rule(
      atMost(call("length", call("join", ",", list)), MAX_LABEL_CHARACTERS),
      `${variable} is too long: joined by commas the labels may take ${MAX_LABEL_CHARACTERS} characters, because a Lambda function's environment is limited to 4 KB. Use fewer or shorter labels.`,
    ),
  ];
}

export const runnerInputs: readonly Input[] = [
  {
    name: "additional_os_capabilities",
    type: call("list", ref("string")),
    description:
      'additionalOsCapabilities for the MicroVM image. ["ALL"] enables nested Docker / privileged ops (needed for `docker`/`services:` jobs). Set [] to tighten for non-Docker workloads.',
    default: ["ALL"],
    validations: [
      rule(
        and(
          atMost(call("length", ref("var.additional_os_capabilities")), 1),
          every(ref("var.additional_os_capabilities"), "capability", (capability) => equal(capability, "ALL")),
        ),
        'additional_os_capabilities must be ["ALL"] (for Docker and services: jobs) or []: Lambda MicroVMs knows no other capability.',
      ),
    ],
  },
  {
    name: "base_image_name",
    type: ref("string"),
    description:
      "AWS-managed MicroVM base image short name, resolved to arn:aws:lambda:<region>:aws:microvm-image:<name>.",
    default: "al2023-1",
    validations: [
      rule(
        matches(ref("var.base_image_name"), "^[A-Za-z0-9_-]{1,64}$"),
        "base_image_name must be the short name of an AWS-managed base image, such as al2023-1, not its ARN: letters, digits, hyphens and underscores, at most 64 characters.",
      ),
    ],
  },
  {
    name: "base_image_version",
    type: ref("string"),
    description:
      'Major version of the AWS-managed base image (base_image_name), as a single number (e.g. "0"). Cloud Control requires it and validates the format.',
    default: "0",
    validations: [
      rule(
        matches(ref("var.base_image_version"), "^(0|[1-9][0-9]{0,8})$"),
        'base_image_version must be the major version alone, a single number such as "0" or "1": not "0.0", not empty.',
      ),
    ],
  },
  imageRefresh,
  {
    name: "image_version",
    type: ref("string"),
    description:
      'Pin the runner image version the dispatcher launches (e.g. "3.0"). Default (null) makes the dispatcher resolve the latest ACTIVE version at runtime, so image rebuilds are picked up with no redeploy.',
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(ref("var.image_version"), matches(ref("var.image_version"), String.raw`^[1-9][0-9]{0,8}\.0$`)),
        'image_version must be a version of the runner image as the image_version output shows it, such as "3.0", or null for the latest active one.',
      ),
    ],
  },
  {
    name: "image_versions_kept",
    type: ref("number"),
    description:
      "How many of the newest built versions of the runner image are kept. Older ones are deleted once a day, unless they are pinned, in use, or were the latest less than a day ago. -> IMAGE_VERSIONS_KEPT.",
    default: 3,
    validations: [
      rule(
        wholeNumberWithin(ref("var.image_versions_kept"), LIMITS.imageVersionsKept),
        `image_versions_kept must be a whole number ${LIMITS.imageVersionsKept}: the service refuses to build an image that has 50 versions, failed ones included.`,
      ),
    ],
  },
  {
    name: "max_duration_seconds",
    type: ref("number"),
    description:
      "maximumDurationInSeconds passed to RunMicrovm - the hard cap on one job's runtime, after which the MicroVM is auto-terminated (cost backstop).",
    default: 1200,
    validations: [
      rule(
        wholeNumberWithin(ref("var.max_duration_seconds"), LIMITS.maxDurationSeconds),
        `max_duration_seconds must be a whole number ${LIMITS.maxDurationSeconds} (8 hours, the longest life of a MicroVM).`,
      ),
    ],
  },
  {
    name: "required_labels",
    type: call("list", ref("string")),
    description:
      "Labels a workflow_job must ALL carry for the dispatcher to launch a MicroVM (subset match). -> REQUIRED_LABELS.",
    default: ["self-hosted", "microvm"],
    validations: [
      ...labelRules("required_labels"),
      rule(
        equal(call("length", call("setsubtract", lowerOf("required_labels"), lowerOf("runner_labels"))), 0),
        "required_labels must all be in runner_labels, or no runner could ever take the job: add the missing labels to runner_labels, or remove them here.",
      ),
    ],
  },
  {
    name: "runner_labels",
    type: call("list", ref("string")),
    description: "Labels the ephemeral runner registers with (arm64 only). -> RUNNER_LABELS.",
    default: ["self-hosted", "linux", "arm64", "microvm"],
    validations: labelRules("runner_labels"),
  },
  {
    name: "runner_memory_mib",
    type: ref("number"),
    description:
      'MicroVM memory (minimumMemoryInMiB) baked into the image. Tiers: 512,1024,2048,4096,8192,... Defaults to 8192 because the default image enables Docker (additional_os_capabilities = ["ALL"]) and real Docker builds OOM at less; drop to 4096/2048 for lightweight jobs to cut cost.',
    default: 8192,
    validations: [
      rule(
        call("contains", MEMORY_TIERS_MIB, ref("var.runner_memory_mib")),
        "runner_memory_mib must be one of the sizes that Lambda MicroVMs offers: 512, 1024, 2048, 4096 or 8192.",
      ),
    ],
  },
];

import { above, and, atMost, call, equal, listFor, not, notEqual, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { BUILD_FILES_DIR } from "./build-files.ts";
import { dockerfileRules } from "./dockerfile-rules.ts";
import { environmentRules } from "./environment-rules.ts";
import type { Input } from "./input.ts";
import { every, isPrintable, matches, nullOr, rule } from "./rules.ts";
import { holdsNoSecret, SECRET_NAMES } from "./secret-forms.ts";

const MAX_FILES = 50;
const MAX_FILES_CHARACTERS = 1_000_000;
const MAX_PACKAGES = 200;
const MAX_COMMANDS = 50;
const MAX_COMMAND_CHARACTERS = 4_096;
/** The base image has smaller packages in their place (microvm/Dockerfile.hbs). */
const CONFLICTING_PACKAGES = ["coreutils", "curl", "openssl-libs"];
const FILE_NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]*";

const CONNECTOR = ref("var.egress_network_connector_arn");
const MODULE_FILES = ["Dockerfile", "runner.env", "supervisor.cjs"];
const PATHS = call("keys", ref("var.extra_build_files"));
const TEXTS = call("values", ref("var.extra_build_files"));

function isCommand(command: Expression): Expression {
  const isSome = above(call("length", call("trimspace", command)), 0);
  return call("try", and(isSome, atMost(call("length", command), MAX_COMMAND_CHARACTERS)), false);
}

/** A command that looks first whether there is apt, or has another way where it fails, is left alone. */
function usesApt(command: Expression): Expression {
  return and(
    matches(command, String.raw`(?m)(^|[;&|(])\s*(sudo\s+(-\S+\s+)*)?([A-Z_]+=\S*\s+)*(/usr/bin/)?apt(-get)?\s`),
    not(matches(command, String.raw`\|\||\b(command -v|which|type|hash)\s|(^|[;&|]\s*)(if|test|\[)\s`)),
  );
}

export const customisationInputs: readonly Input[] = [
  {
    name: "dockerfile",
    type: ref("string"),
    description:
      "Text of a Dockerfile of your own, such as file(\"Dockerfile\"), in place of the module's (image/Dockerfile is a good start). supervisor.cjs and runner.env (the runner's version and checksum) are added to its build context. Default (null) takes the module's.",
    default: null,
    nullable: true,
    validations: dockerfileRules(),
  },
  {
    name: "egress_network_connector_arn",
    type: ref("string"),
    description:
      "ARN of the network connector through which jobs reach the network, such as one into a VPC. The image is built over the internet all the same. Default (null) is the connector INTERNET_EGRESS that AWS manages.",
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(
          CONNECTOR,
          and(
            matches(
              CONNECTOR,
              "^arn:aws[a-z-]*:lambda:[a-z0-9-]+:([0-9]{12}|aws):network-connector:[A-Za-z0-9_:./-]+$",
            ),
            not(matches(CONNECTOR, "_INGRESS$")),
          ),
        ),
        "egress_network_connector_arn must be the whole ARN of a network connector for egress, arn:aws:lambda:<region>:<account>:network-connector:<name>, or null for INTERNET_EGRESS.",
      ),
    ],
  },
  {
    name: "extra_build_files",
    type: call("map", ref("string")),
    description: `Extra files of the image's build context, text by path. The module's Dockerfile copies them below ${BUILD_FILES_DIR}, before setup_commands run. They are not executable: run a script as \`bash ${BUILD_FILES_DIR}/setup.sh\`. Never a secret.`,
    default: {},
    validations: [
      rule(
        every(PATHS, "path", (path) =>
          and(atMost(call("length", path), 200), matches(path, `^${FILE_NAME}(/${FILE_NAME})*$`)),
        ),
        "extra_build_files must have relative paths of at most 200 letters, digits, _ . and -, in which no part begins with a dot or a hyphen, such as certificates/ca.pem.",
      ),
      rule(
        every(PATHS, "path", (path) =>
          not(call("contains", ["dockerfile", "runner.env", "supervisor.cjs"], call("lower", path))),
        ),
        "extra_build_files must not hold Dockerfile, runner.env or supervisor.cjs, which the module writes: for a Dockerfile of your own, set dockerfile.",
      ),
      rule(
        every(call("concat", PATHS, MODULE_FILES), "file", (file) =>
          not(
            call(
              "anytrue",
              listFor("path", PATHS, (path) => call("startswith", path, call("format", "%s/", file))),
            ),
          ),
        ),
        "extra_build_files has a file below the path of another, such as a and a/b, and one path is no file and folder at once: rename one.",
      ),
      rule(
        and(
          atMost(call("length", ref("var.extra_build_files")), MAX_FILES),
          every(TEXTS, "text", (text) => notEqual(text, null)),
          atMost(
            call(
              "try",
              call(
                "sum",
                listFor("text", TEXTS, (text) => call("length", text)),
              ),
              0,
            ),
            MAX_FILES_CHARACTERS,
          ),
        ),
        `extra_build_files must have at most ${MAX_FILES} files, none of them null, of ${MAX_FILES_CHARACTERS} characters together: they are kept in Terraform's state. Download what is larger in setup_commands.`,
      ),
    ],
  },
  {
    name: "extra_packages",
    type: call("list", ref("string")),
    description:
      'Names of packages of Amazon Linux 2023 that are installed into the image by dnf, such as ["ruby3.2", "postgresql15"].',
    default: [],
    validations: [
      rule(
        and(
          atMost(call("length", ref("var.extra_packages")), MAX_PACKAGES),
          every(ref("var.extra_packages"), "package", (name) =>
            matches(name, "^[A-Za-z0-9][A-Za-z0-9._+~^:-]{0,127}$"),
          ),
        ),
        `extra_packages must hold at most ${MAX_PACKAGES} names of packages, of letters, digits and . _ + ~ ^ : -, without options and spaces: one package for each entry.`,
      ),
      rule(
        equal(call("length", call("setintersection", ref("var.extra_packages"), CONFLICTING_PACKAGES)), 0),
        `extra_packages must not hold ${CONFLICTING_PACKAGES.join(", ")}: the base image has smaller packages in their place, with the same commands, and dnf would stop at the conflict.`,
      ),
    ],
  },
  {
    name: "runner_environment",
    type: call("map", ref("string")),
    description:
      "Extra environment variables of the image, which every job sees. Never a secret: every job, and whoever may read the image, can read them. Values that differ between jobs belong into the workflow.",
    default: {},
    validations: environmentRules("runner_environment"),
  },
  {
    name: "setup_commands",
    type: call("list", ref("string")),
    description:
      "Commands that bash runs as root, in this order, while the image is built: after extra_packages, each ending the build when it fails. Never a secret: they stay in the image and in Terraform's state.",
    default: [],
    validations: [
      rule(
        and(
          atMost(call("length", ref("var.setup_commands")), MAX_COMMANDS),
          every(ref("var.setup_commands"), "command", isCommand),
        ),
        `setup_commands must hold at most ${MAX_COMMANDS} commands of 1 to ${MAX_COMMAND_CHARACTERS} characters, none of them empty: put a longer script into extra_build_files.`,
      ),
      rule(
        every(ref("var.setup_commands"), "command", isPrintable),
        "setup_commands has a command with a control character in it, such as NUL, which bash leaves out: let printf write it, as in printf '\\033'.",
      ),
      rule(
        every(ref("var.setup_commands"), "command", (command) => call("try", not(usesApt(command)), true)),
        "setup_commands must not run apt or apt-get, which Amazon Linux does not have: name packages of Amazon Linux 2023 in extra_packages, or run dnf install -y.",
      ),
      rule(
        every(ref("var.setup_commands"), "command", (command) => call("try", holdsNoSecret(command), true)),
        `setup_commands has a command with a secret in it (${SECRET_NAMES}), which would stay in the image and in Terraform's state: fetch what needs one in a job, or build the image from a registry of your own.`,
      ),
    ],
  },
];

import { above, and, atMost, call, conditional, equal, not, or, ref } from "../hcl/build.ts";
import type { Validation } from "./input.ts";
import { every, isPrintable, matches, rule } from "./rules.ts";
import { holdsNoSecret, SECRET_NAMES } from "./secret-forms.ts";

/** The service takes 50 variables; the rest is the module's own. */
const MAX_VARIABLES = 40;
const MAX_NAME_CHARACTERS = 256;
const MAX_VALUE_CHARACTERS = 4_096;
/** Leaves room for the rest of a CloudFormation template, tags included. */
const MAX_STACK_CHARACTERS = 24_000;
/** AWS_: the service's. GHA_: the supervisor's. The others: the runner's and the workflow's. */
const RESERVED = ["AWS_", "GHA_", "ACTIONS_", "RUNNER_", "GITHUB_"];
/** By these a program is found, or told to load something else first. */
const PROGRAM_NAMES = ["PATH", "HOME", "LD_PRELOAD", "NODE_OPTIONS"];
const SECRET_WORDS = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "PRIVATE_KEY", "API_KEY", "ACCESS_KEY"];

/** Rules for a map of environment variables that are built into the image. */
export function environmentRules(variable: string): Validation[] {
  const map = ref(`var.${variable}`);
  const names = call("keys", map);
  return [
    rule(
      atMost(call("length", map), MAX_VARIABLES),
      `${variable} must have at most ${MAX_VARIABLES} entries: an image takes 50 variables, and the rest is kept for the module's own.`,
    ),
    rule(
      every(names, "name", (name) => matches(name, `^[A-Za-z_][A-Za-z0-9_]{0,${MAX_NAME_CHARACTERS - 1}}$`)),
      `${variable} must have names of 1 to ${MAX_NAME_CHARACTERS} letters, digits and underscores that do not begin with a digit, as a shell has them.`,
    ),
    rule(
      every(names, "name", (name) => not(matches(name, `^(?i)(${RESERVED.join("|")})`))),
      `${variable} must not set names that begin with ${RESERVED.join(", ")}: AWS, the runner and GitHub keep them for themselves. Choose another name.`,
    ),
    rule(
      every(names, "name", (name) => not(call("contains", PROGRAM_NAMES, name))),
      `${variable} must not set ${PROGRAM_NAMES.join(", ")}, which the supervisor and the runner depend on: write to the file that GITHUB_PATH names in a job, or use ENV in a Dockerfile of your own.`,
    ),
    rule(
      every(names, "name", (name) => not(matches(name, `(?i)(${SECRET_WORDS.join("|")})`))),
      `${variable} has a name that looks like a secret's (${SECRET_WORDS.join(", ")}). An image's environment is readable by every job and by whoever may read the image: pass secrets to the jobs that need them, as GitHub Actions secrets or through OIDC.`,
    ),
    rule(
      every(call("values", map), "value", (value) =>
        conditional(
          equal(value, null),
          false,
          and(atMost(call("length", value), MAX_VALUE_CHARACTERS), not(matches(value, "[$][{]"))),
        ),
      ),
      `${variable} must have values of at most ${MAX_VALUE_CHARACTERS} characters, none of them null or with a dollar sign before a brace, which nothing would expand: write the value out.`,
    ),
    rule(
      every(call("values", map), "value", isPrintable),
      `${variable} has a value with a control character in it, such as NUL, which a process cannot be given: leave it out.`,
    ),
    rule(
      every(call("values", map), "value", (value) => call("try", holdsNoSecret(value), true)),
      `${variable} has a value with a secret in it (${SECRET_NAMES}). Every job, and whoever may read the image, can read it: pass secrets to the jobs that need them, as GitHub Actions secrets or through OIDC.`,
    ),
    rule(
      or(
        above(call("length", ref("var.additional_os_capabilities")), 0),
        atMost(call("length", call("jsonencode", map)), MAX_STACK_CHARACTERS),
      ),
      `${variable} is too large for an image without capabilities (additional_os_capabilities = []), which a CloudFormation template of at most 51,200 characters describes: names and values may take ${MAX_STACK_CHARACTERS} characters together. Shorten them, or write a file into the image instead.`,
    ),
  ];
}

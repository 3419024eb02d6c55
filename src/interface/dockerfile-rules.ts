import { HOOK_PORT } from "../../contract/hooks.ts";
import { and, call, equal, index, listFor, not, or, plus, ref, template } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import type { Validation } from "./input.ts";
import { matches, nullOr, rule } from "./rules.ts";
import { holdsNoSecret, SECRET_NAMES } from "./secret-forms.ts";

const DOCKERFILE = ref("var.dockerfile");
const NODE = "/opt/actions-runner/externals/node24/bin/node";
const SUPERVISOR = "/opt/supervisor/supervisor.cjs";

/** Holds when no Dockerfile is given. */
const given = (condition: Expression, errorMessage: string) => rule(nullOr(DOCKERFILE, condition), errorMessage);
const has = (pattern: string) => matches(DOCKERFILE, String.raw`(?im)^[ \t]*${pattern}`);
/** The first group of the last line that matches; an empty text when none does. */
const last = (pattern: string) =>
  call(
    "try",
    index(index(call("reverse", call("regexall", String.raw`(?im)^[ \t]*${pattern}`, DOCKERFILE)), 0), 0),
    "",
  );
/** A word of the exec form, in its quotes. */
const word = (text: string) => String.raw`\x22${text.replaceAll(".", String.raw`\.`)}\x22`;

/** What the module itself puts into the build context. */
const OWN_FILES = ["Dockerfile", "runner.env", "supervisor.cjs"];

/**
 * Each literal source of a COPY is a file of the build context, or a folder that one lies in. What only the builder can
 * resolve is let through: other stages (`--from`), wildcards, variables, the JSON form, paths that begin with a slash
 * or leave the context, and a whole Dockerfile with a heredoc or an escape character of its own.
 */
function copiesFromContext(): Expression {
  const lines = call("replace", DOCKERFILE, String.raw`/\\[ \t]*\r?\n/`, " ");
  const copies = call("regexall", String.raw`(?im)^[ \t]*COPY[ \t]+([^\n]*\S)[ \t]+[^ \t\n]+[ \t\r]*$`, lines);
  const context = call("concat", call("keys", ref("var.extra_build_files")), OWN_FILES);
  const isThere = (source: Expression) => {
    const path = call("trimsuffix", call("trimprefix", source, "./"), "/");
    return or(
      not(matches(source, "^[A-Za-z0-9_.][A-Za-z0-9_./-]*$")),
      matches(path, String.raw`^\.?$|(^|/)\.\.(/|$)`),
      call("contains", context, path),
      call(
        "anytrue",
        listFor("file", context, (file) => call("startswith", file, template(path, "/"))),
      ),
    );
  };
  const found = listFor(
    "copy",
    copies,
    (copy) => listFor("source", call("regexall", String.raw`\S+`, index(copy, 0)), isThere),
    (copy) => not(call("strcontains", index(copy, 0), "--from")),
  );
  return or(
    matches(DOCKERFILE, String.raw`<<|(?im)^#[ \t]*escape[ \t]*=`),
    call("try", call("alltrue", call("flatten", found)), true),
  );
}

/** What a Dockerfile of one's own must have so that the supervisor in it can do its work. */
export function dockerfileRules(): Validation[] {
  return [
    given(
      has(String.raw`FROM\s+\S`),
      'dockerfile must hold the text of a Dockerfile, with a FROM instruction: write file("Dockerfile"), not the path alone.',
    ),
    given(
      has(String.raw`COPY\s+(--\S+\s+)*supervisor\.cjs\s+${SUPERVISOR.replaceAll(".", "\\.")}\s*$`),
      `dockerfile must copy the supervisor, which the module adds to the build context: COPY supervisor.cjs ${SUPERVISOR}.`,
    ),
    given(
      has(String.raw`EXPOSE\s+([^#\n]*\s)?${HOOK_PORT}(/tcp)?(\s|$)`),
      `dockerfile must have EXPOSE ${HOOK_PORT}, the port on which Lambda MicroVMs reaches the supervisor.`,
    ),
    given(
      and(
        matches(last(String.raw`CMD\s+(.*)$`), String.raw`^\[\s*${word(NODE)}\s*,\s*${word(SUPERVISOR)}\s*\]\s*$`),
        not(has(String.raw`ENTRYPOINT\s`)),
      ),
      `dockerfile must start the supervisor, with no ENTRYPOINT before it: CMD ["${NODE}", "${SUPERVISOR}"].`,
    ),
    given(
      call("contains", ["", "root", "0", "root:root", "0:0"], last(String.raw`USER\s+(\S+)`)),
      "dockerfile must not end under another USER than root: the supervisor has to be root to start Docker and to give the runner an account of its own. Add USER root before CMD.",
    ),
    given(
      and(
        matches(DOCKERFILE, String.raw`(useradd|adduser)\s[^&;|]*\brunner\b|GHA_RUNNER_USER[= ]`),
        not(matches(DOCKERFILE, String.raw`GHA_RUNNER_USER[= ]\s*\x22?(root|0|\(same\))`)),
      ),
      "dockerfile must make the account that jobs run as, runner (useradd runner), or name another in ENV GHA_RUNNER_USER; jobs do not run as root.",
    ),
    given(
      not(has(String.raw`ADD\s+(--\S+\s+)*https?://`)),
      "dockerfile must not ADD a URL, of which nobody checks what it brings: download with RUN curl, and compare with sha256sum --check.",
    ),
    given(
      not(matches(last(String.raw`FROM\s+(.*)$`), String.raw`--platform=\S*(amd64|x86_64|386)`)),
      "dockerfile must not end in a stage of another architecture: MicroVMs are arm64. Leave --platform out of the last FROM, or write --platform=linux/arm64.",
    ),
    given(
      copiesFromContext(),
      "dockerfile must COPY only what is in its build context: supervisor.cjs, runner.env and the paths of extra_build_files. Add the file to extra_build_files, or mend its path in COPY.",
    ),
    given(
      holdsNoSecret(DOCKERFILE),
      `dockerfile has a secret in it (${SECRET_NAMES}), which would stay in the image and in Terraform's state: fetch what needs one in a job.`,
    ),
    given(
      equal(plus(call("length", ref("var.extra_packages")), call("length", ref("var.setup_commands"))), 0),
      "dockerfile leaves no place for extra_packages and setup_commands: write their steps into the Dockerfile, or leave dockerfile null.",
    ),
  ];
}

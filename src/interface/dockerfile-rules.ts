import { HOOK_PORT } from "../../contract/hooks.ts";
import { and, call, equal, index, not, plus, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import type { Validation } from "./input.ts";
import { matches, nullOr, rule } from "./rules.ts";

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
      equal(plus(call("length", ref("var.extra_packages")), call("length", ref("var.setup_commands"))), 0),
      "dockerfile leaves no place for extra_packages and setup_commands: write their steps into the Dockerfile, or leave dockerfile null.",
    ),
  ];
}

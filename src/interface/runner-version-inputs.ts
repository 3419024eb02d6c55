import runnerData from "../../microvm/runner.json" with { type: "json" };
import { call, equal, notEqual, or, ref } from "../hcl/build.ts";
import type { Input } from "./input.ts";
import { matches, nullOr, rule } from "./rules.ts";

const VERSION = ref("var.runner_version");
const SHA256 = ref("var.runner_sha256");
const KNOWN = [runnerData.runner, ...runnerData.otherRunners];
const NEWEST_FIRST = KNOWN.map(({ version }) => version).toSorted((a, b) =>
  b.localeCompare(a, "en", { numeric: true }),
);

/** The checksums that the module knows, by version. */
export const KNOWN_RUNNERS: Readonly<Record<string, string>> = Object.fromEntries(
  KNOWN.map(({ version, sha256 }) => [version, sha256]),
);

/** The version as a text: a rule is evaluated whole, whatever its first half says. */
const GIVEN = call("coalesce", VERSION, "none");

/** Which Actions runner the module's Dockerfile downloads. No version without a checksum. */
export const runnerVersionInputs: readonly Input[] = [
  {
    name: "runner_sha256",
    type: ref("string"),
    description:
      "SHA-256 of actions-runner-linux-arm64-<runner_version>.tar.gz, from that version's release notes, for a runner_version that the module does not know. Default (null) takes the module's.",
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(SHA256, matches(SHA256, "^[0-9a-f]{64}$")),
        "runner_sha256 must be 64 hexadecimal digits in lower case, as the release notes of actions/runner have them for linux-arm64.",
      ),
    ],
  },
  {
    name: "runner_version",
    type: ref("string"),
    description: `Version of the Actions runner in the image. Known with their checksums: ${NEWEST_FIRST.join(", ")}; any other needs runner_sha256. Default (null) is ${runnerData.runner.version}.`,
    default: null,
    nullable: true,
    // Rules about both stand here: Terraform lets two inputs not name each other.
    validations: [
      rule(
        nullOr(VERSION, matches(VERSION, String.raw`^2\.(329|3[3-9][0-9]|[4-9][0-9]{2})\.[0-9]{1,3}$`)),
        "runner_version must be a release of actions/runner without the v, 2.329.0 or later (GitHub registers no older one), such as " +
          `"${runnerData.runner.version}".`,
      ),
      rule(
        nullOr(VERSION, notEqual(SHA256, null), call("contains", call("keys", KNOWN_RUNNERS), GIVEN)),
        `runner_version must be one whose checksum the module knows: ${NEWEST_FIRST.join(", ")}. For another, add runner_sha256 from its release notes; a newer version of the module knows newer ones.`,
      ),
      rule(
        nullOr(SHA256, notEqual(VERSION, null)),
        "runner_version must be set beside runner_sha256, which is its checksum: set both, or leave both null for the version that comes with the module.",
      ),
      rule(
        nullOr(SHA256, equal(VERSION, null), equal(call("lookup", KNOWN_RUNNERS, GIVEN, SHA256), SHA256)),
        "runner_version has another published checksum than runner_sha256, and the module knows it: leave runner_sha256 null.",
      ),
      rule(
        or(equal(VERSION, null), equal(ref("var.dockerfile"), null)),
        "runner_version is the version in the module's Dockerfile, which dockerfile replaces: write the version into the Dockerfile, or leave dockerfile null.",
      ),
    ],
  },
];

import runnerData from "../../microvm/runner.json" with { type: "json" };
import { raw } from "../hcl/build.ts";
import type { Input } from "./input.ts";
import { matches, rule } from "./rules.ts";

const VERSION = "var.runner_version";
const SHA256 = "var.runner_sha256";
const KNOWN = [runnerData.runner, ...runnerData.otherRunners];
const NEWEST_FIRST = KNOWN.map(({ version }) => version).toSorted((a, b) =>
  b.localeCompare(a, "en", { numeric: true }),
);

/** HCL of the checksums that the module knows, by version. */
export const KNOWN_RUNNERS = `{ ${KNOWN.map(({ version, sha256 }) => `"${version}" = "${sha256}"`).join(", ")} }`;

/** Which Actions runner the module's Dockerfile downloads. No version without a checksum. */
export const runnerVersionInputs: readonly Input[] = [
  {
    name: "runner_sha256",
    type: raw("string"),
    description:
      "SHA-256 of actions-runner-linux-arm64-<runner_version>.tar.gz, from that version's release notes, for a runner_version that the module does not know. Default (null) takes the module's.",
    default: null,
    nullable: true,
    validations: [
      rule(
        `${SHA256} == null || ${matches(SHA256, "^[0-9a-f]{64}$")}`,
        "runner_sha256 must be 64 hexadecimal digits in lower case, as the release notes of actions/runner have them for linux-arm64.",
      ),
    ],
  },
  {
    name: "runner_version",
    type: raw("string"),
    description: `Version of the Actions runner in the image. Known with their checksums: ${NEWEST_FIRST.join(", ")}; any other needs runner_sha256. Default (null) is ${runnerData.runner.version}.`,
    default: null,
    nullable: true,
    // Rules about both stand here: Terraform lets two inputs not name each other.
    validations: [
      rule(
        `${VERSION} == null || ${matches(VERSION, String.raw`^2\.(329|3[3-9][0-9]|[4-9][0-9]{2})\.[0-9]{1,3}$`)}`,
        "runner_version must be a release of actions/runner without the v, 2.329.0 or later (GitHub registers no older one), such as " +
          `"${runnerData.runner.version}".`,
      ),
      rule(
        `${VERSION} == null || ${SHA256} != null || contains(keys(${KNOWN_RUNNERS}), coalesce(${VERSION}, "none"))`,
        `runner_version must be one whose checksum the module knows: ${NEWEST_FIRST.join(", ")}. For another, add runner_sha256 from its release notes; a newer version of the module knows newer ones.`,
      ),
      rule(
        `${SHA256} == null || ${VERSION} != null`,
        "runner_version must be set beside runner_sha256, which is its checksum: set both, or leave both null for the version that comes with the module.",
      ),
      rule(
        `${SHA256} == null || ${VERSION} == null || lookup(${KNOWN_RUNNERS}, coalesce(${VERSION}, "none"), ${SHA256}) == ${SHA256}`,
        "runner_version has another published checksum than runner_sha256, and the module knows it: leave runner_sha256 null.",
      ),
      rule(
        `${VERSION} == null || var.dockerfile == null`,
        "runner_version is the version in the module's Dockerfile, which dockerfile replaces: write the version into the Dockerfile, or leave dockerfile null.",
      ),
    ],
  },
];

import { describe, expect, it } from "vitest";
import { composeChangelog, sectionOf } from "../../../src/release/compose-changelog.ts";
import { isHigher, nextVersion, userChanges } from "../../../src/release/next-version.ts";

const changesOf = (...subjects: string[]) => userChanges(subjects.map((subject) => ({ subject, body: "" })));

describe("userChanges", () => {
  it("tells features, fixes and breaks from the subjects, as sentences", () => {
    expect(changesOf("feat(module): take a key", "fix(dispatcher): wait longer", "refactor!: rename the role")).toEqual(
      [
        { kind: "feature", text: "Take a key." },
        { kind: "fix", text: "Wait longer." },
        { kind: "breaking", text: "Rename the role." },
      ],
    );
  });

  it("says what breaks in the words of the footer", () => {
    const body = "Why.\n\nBREAKING CHANGE: the table is replaced:\njobs that wait are lost.\n\nChecked-by: hand";

    expect(userChanges([{ subject: "fix(module): rename the table", body }])).toEqual([
      { kind: "breaking", text: "The table is replaced: jobs that wait are lost." },
    ]);
  });

  it("leaves out what reaches no user", () => {
    const subjects = ["test: x", "docs: x", "refactor(hcl): x", "feat(lab): x", "fix(build): x", "Merge branch x"];

    expect(changesOf(...subjects)).toEqual([]);
  });
});

describe("nextVersion", () => {
  it.each([
    ["the first is 1.0.0", undefined, changesOf("fix: x"), "1.0.0"],
    ["a fix", "1.2.3", changesOf("fix: x"), "1.2.4"],
    ["a feature beside a fix", "1.2.3", changesOf("feat: x", "fix: x"), "1.3.0"],
    ["a break beside a feature", "1.2.3", changesOf("feat: x", "fix!: x"), "2.0.0"],
    ["nothing for users", "1.2.3", changesOf("docs: x"), undefined],
  ])("%s", (_, previous, changes, version) => {
    expect(nextVersion(previous, changes, false)).toBe(version);
  });

  it("releases a module that changed though no commit says so", () => {
    expect(nextVersion("1.2.3", changesOf("build: upgrade dependencies"), true)).toBe("1.2.4");
  });
});

describe("isHigher", () => {
  it.each([
    ["1.0.0", undefined, true],
    ["1.10.0", "1.9.9", true],
    ["2.0.0", "1.9.9", true],
    ["1.2.3", "1.2.3", false],
    ["1.2.3", "1.3.0", false],
    ["v1.2.3", undefined, false],
    ["1.2", undefined, false],
    ["1.02.3", undefined, false],
  ])("%s above %s: %s", (version, than, higher) => {
    expect(isHigher(version, than)).toBe(higher);
  });
});

describe("composeChangelog", () => {
  const date = new Date("2030-01-02T03:04:05Z");
  const first = composeChangelog({
    version: "1.0.0",
    date,
    changes: [],
    written: "# Changelog\n\nHow.\n\n## 1.0.0\n\nThe first.\n",
    previous: "",
  });

  it("takes what a person wrote", () => {
    expect(first).toBe("# Changelog\n\n## 1.0.0 (2030-01-02)\n\nThe first.\n");
  });

  it("lists the commits where nobody wrote, above the earlier releases", () => {
    const changes = changesOf("fix: b", "feat: a");

    const second = composeChangelog({
      version: "1.1.0",
      date,
      changes,
      written: "## 1.0.0\n\nOld.\n",
      previous: first,
    });

    expect(second).toBe(
      "# Changelog\n\n## 1.1.0 (2030-01-02)\n\n### Added\n\n- A.\n\n### Fixed\n\n- B.\n\n## 1.0.0 (2030-01-02)\n\nThe first.\n",
    );
    expect(sectionOf(second, "1.0.0")).toBe("The first.");
  });
});

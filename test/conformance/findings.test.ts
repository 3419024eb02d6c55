import { describe, expect, it } from "vitest";
import { type AcceptedFinding, judgeFindings } from "../../conformance/accepted-findings.ts";
import { compareSkips } from "../../conformance/steps/checkov.ts";
import { readSkips, withoutSkips } from "../../src/docs/scan-skips.ts";

const HCL = `# checkov:skip is spoken of here
resource "aws_s3_bucket" "one" {
  # checkov:skip=CKV_AWS_18:a reason
  # checkov:skip=CKV2_AWS_62

  bucket = "x"
}

data "aws_region" "two" {
  # checkov:skip=CKV_AWS_1:another
}
`;

describe("the skips of a file", () => {
  it("are read with resource and reason", () => {
    expect(readSkips(HCL)).toEqual([
      { rule: "CKV_AWS_18", resource: "aws_s3_bucket.one", reason: "a reason" },
      { rule: "CKV2_AWS_62", resource: "aws_s3_bucket.one", reason: "" },
      { rule: "CKV_AWS_1", resource: "data.aws_region.two", reason: "another" },
    ]);
    expect(readSkips(withoutSkips(HCL))).toEqual([]);
  });

  it("cannot stand outside a resource, where checkov does not see them", () => {
    expect(() => readSkips('# checkov:skip=CKV_AWS_18:x\nresource "a" "b" {\n}\n')).toThrow("outside a resource");
  });
});

describe("the skips against what fails without them", () => {
  const check = (rule: string, resource = "aws_s3_bucket.one") => ({
    check_id: rule,
    check_name: "asks",
    resource,
    file_path: "/module/storage.tf",
  });
  const skip = (rule: string, reason = "a reason") => ({
    folder: "module",
    rule,
    resource: "aws_s3_bucket.one",
    reason,
  });

  it("are as many as needed", () => {
    expect(compareSkips([skip("A_1")], [check("A_1"), check("A_1", "module.x.aws_s3_bucket.one")])).toEqual([]);
  });

  it.each([
    [
      "without a reason",
      [skip("A_1", "")],
      [check("A_1")],
      "A_1 of module's aws_s3_bucket.one is skipped without a reason",
    ],
    ["without need", [skip("A_1")], [], "A_1 of module's aws_s3_bucket.one is skipped and would pass"],
    ["missing", [], [check("A_1")], "A_1 of module's aws_s3_bucket.one fails and is not skipped"],
  ])("are found when one is %s", (_, skips, failed, expected) => {
    expect(compareSkips(skips, failed)).toEqual([expected]);
  });
});

describe("what linters find", () => {
  const accepted: AcceptedFinding[] = [{ tool: "hadolint", rule: "DL1", where: /^a/, reason: "why" }];
  const found = (rule: string, file: string) => ({ tool: "hadolint" as const, rule, file, message: "bad" });

  it("needs a reason, and the reason needs a finding", () => {
    expect(judgeFindings("hadolint", [found("DL1", "a/b")], accepted)).toEqual([]);
    expect(judgeFindings("hadolint", [found("DL1", "a"), found("DL2", "a")], accepted)).toEqual(["a: DL2: bad"]);
    expect(judgeFindings("hadolint", [found("DL1", "b")], accepted)).toEqual([
      "b: DL1: bad",
      "accepted-findings.ts: nothing was found by DL1 in ^a",
    ]);
    expect(judgeFindings("zizmor", [], accepted)).toEqual([]);
  });
});

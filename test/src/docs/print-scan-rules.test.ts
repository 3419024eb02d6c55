import { expect, it } from "vitest";
import { printScanRules, type ScanRecord } from "../../../src/docs/print-scan-rules.ts";

const record: ScanRecord = {
  version: "3.2.1",
  asks: { CKV_AWS_2: "a second copy", CKV_AWS_10: "a customer's key" },
  passes: { aws_sqs_queue: ["CKV_AWS_27", "CKV_AWS_24", "CKV_AWS_1", "CKV_AWS_26", "CKV2_AWS_73", "CKV_AWS_25"] },
};

it("prints exceptions by rule, each with its resources and its reasons once", () => {
  const text = printScanRules(
    [
      { rule: "CKV_AWS_10", resource: "aws_sqs_queue.jobs", reason: "SQS's own" },
      { rule: "CKV_AWS_2", resource: "aws_sqs_queue.jobs", reason: "one is enough" },
      { rule: "CKV_AWS_10", resource: "aws_sqs_queue.dead", reason: "SQS's own" },
      { rule: "CKV_AWS_10", resource: "data.aws_iam_policy_document.run", reason: "no secret" },
      { rule: "CKV2_AWS_5", resource: "alone", reason: "none" },
    ],
    record,
  );
  expect(text.split("\n").slice(4, 7)).toEqual([
    "| CKV_AWS_2 | a second copy | `aws_sqs_queue` jobs | one is enough |",
    "| CKV_AWS_10 | a customer's key | `aws_sqs_queue` jobs, dead; `aws_iam_policy_document` run | SQS's own; no secret |",
    "| CKV2_AWS_5 | not recorded | `alone` alone | none |",
  ]);
});

it("prints the rules that are kept by type, runs of three or more numbers as one", () => {
  const passes = { ...record.passes, aws_kms_key: ["CKV_AWS_7", "CKV_AWS_8"] };
  const lines = printScanRules([], { ...record, passes }).split("\n");
  expect(lines).toContain("What checkov 3.2.1 found kept:");
  expect(lines.slice(-2)).toEqual([
    "| `aws_kms_key` | CKV_AWS_7, 8 |",
    "| `aws_sqs_queue` | CKV_AWS_1, 24 to 27; CKV2_AWS_73 |",
  ]);
});

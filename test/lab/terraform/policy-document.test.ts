import { describe, expect, it } from "vitest";
import type { Values } from "../../../lab/terraform/behaviour.ts";
import { policyDocument } from "../../../lab/terraform/policy-document.ts";

async function json(config: Values): Promise<string> {
  const { json: text } = await policyDocument.read(config);
  return String(text);
}

describe("aws_iam_policy_document", () => {
  it("prints what the provider prints", async () => {
    const text = await json({
      statement: [
        {
          sid: "One",
          actions: ["s3:GetObject"],
          resources: ["arn:aws:s3:::b/*", "arn:aws:s3:::a/*"],
          condition: [
            { test: "StringEquals", variable: "aws:SourceAccount", values: ["123456789012"] },
            { test: "ArnLike", variable: "aws:SourceArn", values: ["arn:b", "arn:a"] },
          ],
        },
        {
          effect: "Deny",
          not_actions: ["iam:*"],
          not_resources: ["*"],
          principals: [
            { type: "Service", identifiers: ["lambda.amazonaws.com", "scheduler.amazonaws.com"] },
            { type: "AWS", identifiers: ["*"] },
          ],
        },
      ],
    });

    expect(text).toBe(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "One",
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": [
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::a/*"
      ],
      "Condition": {
        "ArnLike": {
          "aws:SourceArn": [
            "arn:b",
            "arn:a"
          ]
        },
        "StringEquals": {
          "aws:SourceAccount": "123456789012"
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "NotResource": "*",
      "Principal": {
        "AWS": "*",
        "Service": [
          "scheduler.amazonaws.com",
          "lambda.amazonaws.com"
        ]
      }
    }
  ]
}`);
  });

  it("turns the principal of everybody into a star", async () => {
    const text = await json({
      statement: [{ actions: ["sts:AssumeRole"], principals: [{ type: "*", identifiers: ["*"] }] }],
    });

    expect(JSON.parse(text).Statement[0].Principal).toBe("*");
  });

  it("writes policy variables as IAM wants them and escapes as Go does", async () => {
    const text = await json({ statement: [{ actions: ["a:B"], resources: ["x/&{aws:username}/<y>"] }] });

    expect(text).toContain(`"x/\${aws:username}/\\u003cy\\u003e"`);
  });

  it("merges source and override documents by Sid", async () => {
    const source = await json({ statement: [{ sid: "A", actions: ["a:1"] }, { actions: ["a:2"] }] });
    const override = await json({ statement: [{ sid: "B", actions: ["b:override"] }] });

    const merged = await json({
      source_policy_documents: [source],
      statement: [
        { sid: "A", actions: ["a:own"] },
        { sid: "B", actions: ["b:own"] },
      ],
      override_policy_documents: [override],
    });

    const statements: { Sid?: string; Action: string }[] = JSON.parse(merged).Statement;
    expect(statements.map(({ Sid, Action }) => [Sid, Action])).toEqual([
      ["A", "a:own"],
      [undefined, "a:2"],
      ["B", "b:override"],
    ]);
  });

  it("refuses two statements of one Sid", async () => {
    const statement = [
      { sid: "A", actions: ["a:1"] },
      { sid: "A", actions: ["a:2"] },
    ];

    await expect(json({ statement })).rejects.toThrow("duplicate Sid (A)");
  });

  it("gives the same document in one line as minified_json", async () => {
    const { minified_json: minified, json: text } = await policyDocument.read({ statement: [{ actions: ["a:1"] }] });

    expect(minified).toBe(JSON.stringify(JSON.parse(String(text))));
  });
});

import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { policyAnswer } from "../../../cli/aws/policy-answer.ts";
import { judgeUrlPolicy } from "../../../cli/core/judge-url-policy.ts";

const url = {
  Effect: "Allow",
  Principal: "*",
  Action: "lambda:InvokeFunctionUrl",
  Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
};
const invoke = {
  Effect: "Allow",
  Principal: { AWS: "*" },
  Action: ["lambda:InvokeFunction"],
  Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
};
const judged = (...statements: object[]) => {
  const text = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return judgeUrlPolicy({ value: v.parse(policyAnswer, { Policy: text }).Policy });
};

describe("a function's policy", () => {
  it.each([
    ["as the provider writes it", [url, invoke]],
    [
      "with a condition that is a boolean",
      [url, { ...invoke, Condition: { Bool: { "lambda:InvokedViaFunctionUrl": true } } }],
    ],
    [
      "with no condition",
      [
        { ...url, Condition: undefined },
        { ...invoke, Condition: undefined },
      ],
    ],
    ["with others beside", [{ ...invoke, Principal: { Service: "sns.amazonaws.com" } }, url, invoke]],
  ])("passes %s", (_, statements) => {
    expect(judged(...statements)).toMatchObject({ outcome: "pass" });
  });

  it.each([
    ["one permission alone, as of providers before 6.29", [url], "lacks lambda:InvokeFunction$"],
    ["the other alone", [invoke], "lacks lambda:InvokeFunctionUrl$"],
    ["none", [], "lacks lambda:InvokeFunctionUrl and lambda:InvokeFunction$"],
    ["one for somebody else", [url, { ...invoke, Principal: { AWS: "123456789012" } }], "lacks lambda:InvokeFunction$"],
    ["a denial", [url, { ...invoke, Effect: "Deny" }], "lacks lambda:InvokeFunction$"],
    [
      "one for calls that are signed",
      [{ ...url, Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } } }, invoke],
      "lacks lambda:InvokeFunctionUrl$",
    ],
    [
      "one for another source",
      [url, { ...invoke, Condition: { ArnLike: { "aws:SourceArn": "arn:aws:s3:::b" } } }],
      "lacks lambda:InvokeFunction$",
    ],
  ])("fails with %s", (_, statements, text) => {
    expect(judged(...statements)).toMatchObject({
      outcome: "fail",
      text: expect.stringMatching(new RegExp(text)),
      fix: expect.stringContaining("6.29"),
    });
  });
});

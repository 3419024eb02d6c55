import { attribute, block, comment, raw, template } from "../hcl/build.ts";
import type { Body } from "../hcl/model.ts";

/** Policies with the right to use the App's key where it is kept outside of the module: one or none. */
export const APP_KEY_POLICIES = "data.aws_iam_policy_document.app_key[*].json";

const SERVICE = 'split(":", local.app_key_arn)[2]';

/** Body of app-key.tf. Whether there is a key to decrypt with may be unknown when planning: a block, no count, depends on it. */
export function appKeyBody(): Body {
  return [
    comment(
      [
        "UseAppKey: the one right that the service of the ARN asks for.",
        "DecryptAppKey: through a customer's key, and only for the service that keeps the parameter or secret.",
      ].join("\n"),
    ),
    block(
      "data",
      ["aws_iam_policy_document", "app_key"],
      [
        attribute("count", raw("var.github_app_key_source == null ? 0 : 1")),
        { kind: "blank" },
        block(
          "statement",
          [],
          [
            attribute("sid", "UseAppKey"),
            attribute("actions", [
              raw(
                `{ kms = "kms:Sign", secretsmanager = "secretsmanager:GetSecretValue", ssm = "ssm:GetParameter" }[${SERVICE}]`,
              ),
            ]),
            attribute("resources", [raw("local.app_key_arn")]),
          ],
        ),
        { kind: "blank" },
        block(
          "dynamic",
          ["statement"],
          [
            attribute("for_each", raw("compact([var.github_app_key_source.kms_decryption_key_arn])")),
            { kind: "blank" },
            block(
              "content",
              [],
              [
                attribute("sid", "DecryptAppKey"),
                attribute("actions", ["kms:Decrypt"]),
                attribute("resources", [raw("statement.value")]),
                { kind: "blank" },
                block(
                  "condition",
                  [],
                  [
                    attribute("test", "StringEquals"),
                    attribute("values", [
                      template(raw(SERVICE), ".", raw('split(":", local.app_key_arn)[3]'), ".amazonaws.com"),
                    ]),
                    attribute("variable", "kms:ViaService"),
                  ],
                ),
              ],
            ),
          ],
        ),
      ],
    ),
  ];
}

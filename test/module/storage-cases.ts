import type { ValidationCase } from "./validation-case.ts";

const each = (name: string, ...values: string[]) => values.map((value) => ({ [name]: value }));

/** Rules of the inputs about who may use the roles and the stored data. */
export const STORAGE_CASES: ValidationCase[] = [
  {
    what: "a key that is not named by its own ARN",
    message: "kms_key_arn must be the whole ARN of a key",
    bad: each(
      "kms_key_arn",
      "",
      "1234abcd-12ab-34cd-56ef-1234567890ab",
      "alias/runners",
      "arn:aws:kms:eu-west-1:123456789012:alias/runners",
      "arn:aws:kms:eu-west-1:123456789012:key/",
    ),
    good: each(
      "kms_key_arn",
      "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      "arn:aws:kms:eu-west-1:210987654321:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    ),
  },
  {
    what: "a permissions boundary that is no policy's ARN",
    message: "permissions_boundary must be the whole ARN of an IAM policy",
    bad: each("permissions_boundary", "boundary", "", "arn:aws:iam::123456789012:role/boundary"),
    good: each(
      "permissions_boundary",
      "arn:aws:iam::123456789012:policy/ci/boundary",
      "arn:aws:iam::aws:policy/PowerUserAccess",
    ),
  },
  {
    what: "a role path that IAM or Lambda does not take",
    message: "role_path must begin and end with a slash",
    bad: each("role_path", "", "ci", "/ci", "ci/", "//", "/a b/", "/a:b/", `/${"p".repeat(99)}/`),
    good: each("role_path", "/", "/ci/runners/", "/a+=,.@-_/", `/${"p".repeat(98)}/`),
  },
];

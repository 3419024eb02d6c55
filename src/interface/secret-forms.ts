import { not } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { matches } from "./rules.ts";

/** Begins and ends a token that stands alone, so that no base64 of something else is taken for one. */
const alone = (token: string) => `(^|[^A-Za-z0-9/+_-])(${token})([^A-Za-z0-9/+=_-]|$)`;

/**
 * Full forms of credentials, each with a length or a structure of its own:
 * GitHub's tokens (docs.github.com, "About authentication to GitHub"), npm's access tokens (docs.npmjs.com, "About
 * access tokens"), AWS access key ids (IAM User Guide, "IAM identifiers"), private keys in PEM, passwords in a URL (RFC
 * 3986, userinfo).
 */
const SECRET_FORMS = [
  alone("gh[opsu]_[A-Za-z0-9]{36,}"),
  String.raw`gh[opsu]_[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]+`,
  alone("github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
  alone("npm_[A-Za-z0-9]{36}"),
  alone("(AKIA|ASIA)[A-Z0-9]{16}"),
  "-----BEGIN ([A-Z]+ )*PRIVATE KEY-----",
  String.raw`[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]+:[^\s/@$]+@`,
];

/** What a message calls them. */
export const SECRET_NAMES =
  "a GitHub or npm token, an AWS access key id, a private key, or a URL with a password (scheme://user:password@)";

/** The text has no credential in full. A password that begins with a dollar sign is a variable's name, not a secret. */
export function holdsNoSecret(text: Expression): Expression {
  return not(matches(text, SECRET_FORMS.map((form) => `(${form})`).join("|")));
}

/** Everything that is named after `name_prefix`: what follows the prefix, and how long the name may be. */
interface NamedThing {
  readonly what: string;
  /** The longest text that can follow the prefix. */
  readonly longestSuffix: string;
  readonly maxLength: number;
}

const ACCOUNT_ID = "123456789012";
/** A job id has up to 16 digits and a launch number up to 4 (contract/values.ts, `launchId`). */
const LAUNCH_ID = "9007199254740991-9999";

const NAMED_THINGS: readonly NamedThing[] = [
  { what: "S3 bucket", longestSuffix: `-artifacts-${ACCOUNT_ID}`, maxLength: 63 },
  { what: "IAM role", longestSuffix: "-build-01234567", maxLength: 64 },
  { what: "Lambda function", longestSuffix: "-dispatcher", maxLength: 64 },
  { what: "MicroVM image", longestSuffix: "-runner-class12-01234567", maxLength: 64 },
  { what: "EventBridge schedule", longestSuffix: "-redeliver", maxLength: 64 },
  { what: "SQS queue", longestSuffix: "-dead-letters", maxLength: 80 },
  { what: "GitHub runner", longestSuffix: `-${LAUNCH_ID}`, maxLength: 64 },
];

/** The longest `name_prefix` that leaves room for what follows it in every name. */
export const MAX_NAME_PREFIX_LENGTH = Math.min(
  ...NAMED_THINGS.map(({ longestSuffix, maxLength }) => maxLength - longestSuffix.length),
);

/** The names that decide the bound, for its error message. */
export const TIGHTEST_NAMES = NAMED_THINGS.filter(
  ({ longestSuffix, maxLength }) => maxLength - longestSuffix.length === MAX_NAME_PREFIX_LENGTH,
).map(({ what, maxLength }) => `${what} names, which end at ${maxLength} characters`);

/** Name of one of the module's functions. */
export function functionName(prefix: string, name: string): string {
  return `${prefix}-${name}`;
}

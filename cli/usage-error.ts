/** What the caller has to mend before anything can be looked at: arguments, credentials, the deployment's name. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

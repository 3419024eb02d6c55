import { DispatcherError } from "../errors.ts";

/** The run has made all the calls that it may make: the next one goes on. */
export class CallBudgetSpentError extends DispatcherError {
  override readonly name = "CallBudgetSpentError" as const;
  readonly disposition = "defer" as const;
}

/** The App lacks a permission, which only a person can give it. */
export class NotPermittedError extends DispatcherError {
  override readonly name = "NotPermittedError" as const;
  readonly disposition = "defer" as const;
  /** As GitHub's settings name it, such as `Repository webhooks: write`. */
  readonly permission: string;

  constructor(message: string, permission: string, options: ConstructorParameters<typeof DispatcherError>[1] = {}) {
    super(message, options);
    this.permission = permission;
  }
}

/** GitHub does not accept a cursor (any more): the list is to be read from its beginning. */
export class InvalidCursorError extends DispatcherError {
  override readonly name = "InvalidCursorError" as const;
  readonly disposition = "defer" as const;
}

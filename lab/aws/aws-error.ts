/** An error that a service answers with; the protocol of the service gives it its form on the wire. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly statusCode: number;
  /** Further members of the error, as the service's model names them. */
  readonly members: Record<string, string | number>;
  readonly headers: Record<string, string>;

  constructor(
    code: string,
    statusCode: number,
    message: string,
    rest: { members?: Record<string, string | number>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
    this.members = rest.members ?? {};
    this.headers = rest.headers ?? {};
  }
}

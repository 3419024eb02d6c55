/** What a log line may say besides its event: ids, names, counts. Never a body, a header, a secret or a payload. */
export type LogFields = { readonly [name: string]: string | number | boolean | null | undefined | readonly string[] };

export type LogLevel = "info" | "warn" | "error";

/**
 * Writes one JSON object per line. `info`: something changed; `warn`: degraded but handled; `error`: a person must act.
 * Events are dotted verbs, such as `job.launched`.
 */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that adds these fields to each of its lines. */
  with(fields: LogFields): Logger;
}

/**
 * A logger on standard output. It does not use `console`, which the Lambda runtime patches to put text before each
 * line: CloudWatch Logs Insights reads a line that is JSON from its first character.
 */
export function createLogger(
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
  base: LogFields = {},
): Logger {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) =>
      write(JSON.stringify({ level, event, ...base, ...fields }));
  return {
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => createLogger(write, { ...base, ...fields }),
  };
}

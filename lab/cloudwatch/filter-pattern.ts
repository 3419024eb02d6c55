/** A log line as its filter sees it. */
export type LogLine = Readonly<Record<string, unknown>>;

const TOKEN = /\s*(?:(\(|\)|&&|\|\|)|\$\.(\w+)\s*=\s*"([^"]*)")/y;

/**
 * What a filter pattern selects: the part of CloudWatch Logs' syntax for JSON log events that the module uses, `$.field
 * = "text"` with `&&`, `||` and parentheses. Anything else is an error here, so that no filter counts nothing unseen.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parsePattern(pattern: string): (line: LogLine) => boolean {
  const inner = /^\{(.*)\}$/s.exec(pattern.trim())?.[1];
  if (inner === undefined) throw new Error(`the lab knows no filter pattern such as ${pattern}`);
  const tokens = tokenize(inner, pattern);
  let at = 0;

  function any(): (line: LogLine) => boolean {
    const all = [every()];
    while (tokens[at]?.sign === "||") {
      at++;
      all.push(every());
    }
    return (line) => all.some((one) => one(line));
  }

  function every(): (line: LogLine) => boolean {
    const all = [single()];
    while (tokens[at]?.sign === "&&") {
      at++;
      all.push(single());
    }
    return (line) => all.every((one) => one(line));
  }

  function single(): (line: LogLine) => boolean {
    const token = tokens[at++];
    if (token?.sign === "(") {
      const inside = any();
      if (tokens[at++]?.sign !== ")") throw new Error(`a parenthesis is not closed in ${pattern}`);
      return inside;
    }
    const { field, text } = token ?? {};
    if (field === undefined) throw new Error(`a comparison is missing in ${pattern}`);
    return (line) => line[field] === text;
  }

  const selects = any();
  if (at < tokens.length) throw new Error(`the lab knows no filter pattern such as ${pattern}`);
  return selects;
}

interface Token {
  sign?: string;
  field?: string;
  text?: string;
}

function tokenize(inner: string, pattern: string): Token[] {
  const tokens: Token[] = [];
  const text = inner.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`the lab knows no filter pattern such as ${pattern}`);
    const [, sign, field, value] = found;
    tokens.push(sign === undefined ? { field: field ?? "", text: value ?? "" } : { sign });
  }
  return tokens;
}

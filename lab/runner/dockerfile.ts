export interface Instruction {
  /** In capitals. */
  name: string;
  /** The rest, its continuation lines joined. */
  text: string;
}

/** The instructions of a Dockerfile, in order; knows what ours use: comments, continuation lines, no here-documents. */
export function parseDockerfile(source: string): Instruction[] {
  const joined: string[] = [];
  let open = "";
  for (const line of source.split("\n")) {
    if (/^\s*(#|$)/.test(line)) continue;
    open += line.replace(/\\\s*$/, " ");
    if (/\\\s*$/.test(line)) continue;
    joined.push(open);
    open = "";
  }
  if (open !== "") throw new Error("the Dockerfile ends in a continuation line");
  return joined.map((line) => {
    const match = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line);
    if (match === null) throw new Error(`the Dockerfile has a line that is no instruction: ${line.slice(0, 60)}`);
    return { name: (match[1] ?? "").toUpperCase(), text: match[2] ?? "" };
  });
}

/** What ENV sets, later instructions over earlier ones. */
export function dockerfileEnvironment(instructions: Instruction[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { text } of instructions.filter(({ name }) => name === "ENV")) {
    for (const [, name = "", quoted, plain] of text.matchAll(/([A-Za-z_]\w*)=(?:"([^"]*)"|(\S*))/g)) {
      environment[name] = quoted ?? plain ?? "";
    }
  }
  return environment;
}

/** What the container starts: ENTRYPOINT and CMD in their exec form. */
export function dockerfileCommand(instructions: Instruction[]): string[] {
  const last = (name: string): string[] => {
    const text = instructions.findLast((instruction) => instruction.name === name)?.text;
    if (text === undefined) return [];
    if (!text.startsWith("[")) throw new Error(`${name} of the Dockerfile must have the exec form, a JSON list`);
    return (JSON.parse(text) as unknown[]).map(String);
  };
  return [...last("ENTRYPOINT"), ...last("CMD")];
}

/** Source and destination of each COPY from the build context. */
export function dockerfileCopies(instructions: Instruction[]): { source: string; destination: string }[] {
  return instructions
    .filter(({ name, text }) => name === "COPY" && !text.includes("--from="))
    .map(({ text }) => {
      const [source = "", destination = ""] = text.split(/\s+/).filter((word) => !word.startsWith("--"));
      return { source, destination };
    });
}

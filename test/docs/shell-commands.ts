/** One command of a document, as words; quotes are taken off. */
export type ShellCommand = readonly string[];

/** The commands of a script, those inside `$(...)` included; pipes and conditions part them. */
export function shellCommands(script: string): ShellCommand[] {
  const lines = script.replaceAll(/\\\n\s*/g, " ").replaceAll(/^\s*\w+=\$\((.*)\)$/gm, "$1");
  return lines
    .split("\n")
    .flatMap((line) => line.split(/ (?:&&|\|\||\|) (?=(?:[^']*'[^']*')*[^']*$)/))
    .map(words)
    .filter((command) => command.length > 0);
}

function words(line: string): string[] {
  const found = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return found.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

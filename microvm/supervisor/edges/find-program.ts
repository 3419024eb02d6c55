import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether a program, by name or path, can be run. */
export function isInstalled(program: string, searchPath: string): boolean {
  return locate(program, searchPath) !== undefined;
}

/** The path of a program, by name or path; undefined where it cannot be run. */
export function locate(program: string, searchPath: string): string | undefined {
  const places = program.includes("/") ? [program] : searchPath.split(delimiter).map((folder) => join(folder, program));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

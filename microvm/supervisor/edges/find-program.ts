import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether a program, by name or path, can be run. */
export function isInstalled(program: string, searchPath: string): boolean {
  const places = program.includes("/") ? [program] : searchPath.split(delimiter).map((folder) => join(folder, program));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

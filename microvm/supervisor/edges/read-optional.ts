import { readFileSync } from "node:fs";

/** A file's text; empty where there is none. */
export function readOptional(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

import { fileURLToPath } from "node:url";

/** Folder of the repository: what is read at build time is found from here, wherever the command was started. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

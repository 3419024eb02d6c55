/** One room of the house: which of its files, and which other rooms they may import. */
export interface Room {
  /** A folder, or files of one. */
  name: string;
  /** Which rooms it may import, itself apart. */
  imports: readonly string[];
}

/**
 * The rooms, the innermost first; a file belongs to the longest name that its path begins with. Imports of types count.
 * The table in CONTRIBUTING.md is this one.
 */
export const ROOMS: readonly Room[] = [
  { name: "contract", imports: [] },
  { name: "dispatcher/core", imports: ["contract"] },
  { name: "dispatcher/ports.ts", imports: ["contract", "dispatcher/core"] },
  { name: "dispatcher/refresh-ports.ts", imports: ["contract", "dispatcher/core"] },
  { name: "dispatcher/errors.ts", imports: ["dispatcher/core"] },
  { name: "dispatcher/config.ts", imports: ["dispatcher/errors.ts"] },
  { name: "dispatcher", imports: ["dispatcher/errors.ts", "dispatcher/ports.ts"] },
  {
    name: "dispatcher/flows",
    imports: [
      "contract",
      "dispatcher",
      "dispatcher/core",
      "dispatcher/errors.ts",
      "dispatcher/ports.ts",
      "dispatcher/refresh-ports.ts",
    ],
  },
  {
    name: "dispatcher/aws",
    imports: [
      "contract",
      "dispatcher/core",
      "dispatcher/errors.ts",
      "dispatcher/ports.ts",
      "dispatcher/refresh-ports.ts",
    ],
  },
  {
    name: "dispatcher/github",
    imports: [
      "contract",
      "dispatcher/core",
      "dispatcher/errors.ts",
      "dispatcher/ports.ts",
      "dispatcher/refresh-ports.ts",
    ],
  },
  {
    name: "dispatcher/handlers",
    imports: [
      "contract",
      "dispatcher",
      "dispatcher/aws",
      "dispatcher/config.ts",
      "dispatcher/core",
      "dispatcher/errors.ts",
      "dispatcher/flows",
      "dispatcher/github",
      "dispatcher/ports.ts",
      "dispatcher/refresh-ports.ts",
    ],
  },
  { name: "microvm", imports: ["contract"] },
  { name: "src/hcl", imports: [] },
  { name: "src", imports: ["contract", "src/hcl"] },
  {
    name: "cli",
    imports: [
      "contract",
      "dispatcher/aws",
      "dispatcher/config.ts",
      "dispatcher/core",
      "dispatcher/errors.ts",
      "dispatcher/github",
      "dispatcher/ports.ts",
      "src/hcl",
    ],
  },
  { name: "cli/bundle.ts", imports: ["src"] },
  {
    name: "lab",
    imports: [
      "cli",
      "contract",
      "dispatcher",
      "dispatcher/aws",
      "dispatcher/config.ts",
      "dispatcher/core",
      "dispatcher/errors.ts",
      "dispatcher/flows",
      "dispatcher/github",
      "dispatcher/handlers",
      "dispatcher/ports.ts",
      "dispatcher/refresh-ports.ts",
      "microvm",
      "src",
      "src/hcl",
    ],
  },
  { name: "conformance", imports: ["contract", "lab", "src"] },
  {
    name: "smoke",
    imports: [
      "cli",
      "contract",
      "dispatcher/aws",
      "dispatcher/config.ts",
      "dispatcher/core",
      "dispatcher/errors.ts",
      "dispatcher/github",
      "src",
    ],
  },
  { name: "smoke/lab", imports: ["cli", "lab", "smoke", "src"] },
  { name: "smoke/main.ts", imports: ["cli", "smoke", "smoke/lab", "src"] },
];

/** These see of `dispatcher/core` only the values that cross a port. */
export const ONLY_VIEWS = ["dispatcher/ports.ts", "dispatcher/errors.ts"];
export const VIEWS = "dispatcher/core/views.ts";

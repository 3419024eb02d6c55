/** Where a stand-in's version stands, below the runner's directory. */
export const VERSION_FILE = "bin/stand-in-version";

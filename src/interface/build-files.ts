/** Where the module's Dockerfile puts `extra_build_files`. */
export const BUILD_FILES_DIR = "/opt/build-files";

/** Comment of the Dockerfile in whose place the module puts the steps that its user asks for. */
export const INSERTION_POINT =
  "# Here the module puts what extra_build_files, extra_packages and setup_commands ask for.";

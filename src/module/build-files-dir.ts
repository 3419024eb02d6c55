/** Where the standard Dockerfile puts `extra_build_files`. */
export const BUILD_FILES_DIR = "/opt/build-files";

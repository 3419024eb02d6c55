import { archiveFile } from "../archive-file.ts";
import type { ProviderRules } from "../type-rules.ts";

/** What hashicorp/archive 2 does: one data source. */
export const archiveRules: ProviderRules = {
  types: {},
  dataSources: ({ workingDirectory }) => ({ archive_file: archiveFile(workingDirectory) }),
  legacy: false,
};

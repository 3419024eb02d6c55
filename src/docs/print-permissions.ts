import { APP_PERMISSIONS, accessLabel } from "../../contract/permissions.ts";

/** The table of what the GitHub App must be allowed. */
export function printPermissions(): string {
  const rows = Object.values(APP_PERMISSIONS).map(
    ({ section, setting, level, why }) => `| ${section}: ${setting} | ${accessLabel(level)} | ${why} |`,
  );
  return ["| Permission | Access | Why |", "| --- | --- | --- |", ...rows].join("\n");
}

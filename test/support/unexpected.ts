import type { Diagnostic } from "../../lab/terraform/terraform.ts";

/** What Terraform says besides that nobody is told of alarms, which examples leave to the reader. */
export function unexpected(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity, block }) => severity !== "warning" || block !== 'check "alarm_actions"');
}

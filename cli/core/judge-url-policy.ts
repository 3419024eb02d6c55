import { type Finding, judge, type Known } from "./finding.ts";

/** A statement of a function's policy, as far as anybody's calls go. */
export interface PolicyStatement {
  effect: string;
  anybody: boolean;
  actions: readonly string[];
  /** Values by condition key in lower case, whatever the operator. */
  conditions: Readonly<Record<string, readonly string[]>>;
}

/** What a function URL without authentication needs since October 2025 (docs/PLATFORM-NOTES.md#function-urls). */
const NEEDED = [
  { action: "lambda:InvokeFunctionUrl", key: "lambda:functionurlauthtype", value: "NONE" },
  { action: "lambda:InvokeFunction", key: "lambda:invokedviafunctionurl", value: "true" },
] as const;

/** Whether anybody, and so GitHub, may call the function URL. */
export function judgeUrlPolicy(policy: Known<readonly PolicyStatement[]>): Finding {
  return judge("aws.function-policy", "Function's policy", policy, (statements) => {
    const missing = NEEDED.filter((needed) => !statements.some((statement) => grants(statement, needed)));
    if (missing.length === 0) return { pass: "anybody may call the URL: both permissions are there" };
    return {
      fail: `GitHub gets 403 from the function URL: its policy lacks ${missing.map(({ action }) => action).join(" and ")}`,
      fix:
        "use hashicorp/aws 6.29 or later (terraform init -upgrade), then terraform apply -replace the function URL: " +
        "module.gha_runner.aws_lambda_function_url.webhook",
    };
  });
}

function grants({ effect, anybody, actions, conditions }: PolicyStatement, needed: (typeof NEEDED)[number]): boolean {
  if (effect !== "Allow" || !anybody) return false;
  const named = actions.some((action) => action === needed.action || action === "lambda:*" || action === "*");
  return (
    named && Object.entries(conditions).every(([key, values]) => key === needed.key && values.includes(needed.value))
  );
}

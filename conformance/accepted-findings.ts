/** A finding that stays, by the rule that makes it and where. */
export interface AcceptedFinding {
  tool: "hadolint" | "shellcheck" | "tflint" | "zizmor";
  rule: string;
  /** File as the step names it; a pattern, because the same line is rendered into many Dockerfiles. */
  where: RegExp;
  reason: string;
}

/** All that the linters may find; what is found and not here fails, and so does what is here and not found. */
export const ACCEPTED_FINDINGS: readonly AcceptedFinding[] = [
  {
    tool: "hadolint",
    rule: "DL3041",
    where: /^module\/image\/Dockerfile/,
    reason:
      "packages are meant to be the newest of the release: the image is built anew for them, and old ones leave the mirrors",
  },
  {
    tool: "hadolint",
    rule: "DL3008",
    where: /^examples\/ubuntu-image\/Dockerfile$/,
    reason: "packages are meant to be the newest of the release, as in the module's own image",
  },
  {
    tool: "hadolint",
    rule: "DL4006",
    where: /Dockerfile/,
    reason: "only echo stands before a pipe, and it does not fail",
  },
  {
    tool: "hadolint",
    rule: "DL3059",
    where: /^module\/image\/Dockerfile with (setup_commands|all)$/,
    reason: "each of the caller's commands is a layer of its own, so that the build says which one failed",
  },
  {
    tool: "hadolint",
    rule: "SC2086",
    where: /^module\/image\/Dockerfile/,
    reason: "the one variable without quotes is a list of packages, which is meant to be split",
  },
  {
    tool: "tflint",
    rule: "terraform_standard_module_structure",
    where: /^module$/,
    reason: "there is no main.tf: each file has the name of what is in it",
  },
];

export interface Finding {
  tool: AcceptedFinding["tool"];
  rule: string;
  file: string;
  message: string;
}

/** What was found without a reason, and which reasons nothing was found for. */
export function judgeFindings(
  tool: AcceptedFinding["tool"],
  findings: readonly Finding[],
  accepted: readonly AcceptedFinding[] = ACCEPTED_FINDINGS,
): string[] {
  const own = accepted.filter((each) => each.tool === tool);
  const fits = ({ rule, file }: Finding, each: AcceptedFinding) => each.rule === rule && each.where.test(file);
  return [
    ...findings
      .filter((finding) => !own.some((each) => fits(finding, each)))
      .map(({ rule, file, message }) => `${file}: ${rule}: ${message}`),
    ...own
      .filter((each) => !findings.some((finding) => fits(finding, each)))
      .map(({ rule, where }) => `accepted-findings.ts: nothing was found by ${rule} in ${where.source}`),
  ];
}

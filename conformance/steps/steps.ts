import type { Step } from "../step.ts";
import { botocore } from "./botocore.ts";
import { checkov } from "./checkov.ts";
import { emulation } from "./emulation.ts";
import { hadolint, shellcheck, tflint, zizmor } from "./linters.ts";
import { ministack } from "./ministack.ts";
import { opentofu } from "./opentofu.ts";
import { terraformDocs } from "./terraform-docs.ts";

export const STEPS: readonly Step[] = [
  checkov,
  zizmor,
  hadolint,
  shellcheck,
  tflint,
  botocore,
  terraformDocs,
  ministack,
  opentofu,
  emulation,
];

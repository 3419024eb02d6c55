import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { Construct } from "constructs";
import { because, call, times } from "../hcl/build.ts";
import { asList, asNumber } from "../synth/hcl-token.ts";
import type { Classes } from "./classes.ts";
import { imageVersionVariable, type PruneVariables, textOf } from "./environment.ts";
import { addFunction } from "./function.ts";
import type { Iam } from "./iam.ts";
import { local } from "./reference.ts";
import { addSchedule } from "./schedule.ts";

const TIMEOUT_SECONDS = because(
  times(15, 60),
  "The longest that Lambda allows: a listing of many MicroVMs is throttled, and how long a deletion takes is not known.",
);
const MEMORY_MIB = 256;
const MAX_AGE_SECONDS = times(60, 60);

export interface PruneProps {
  readonly classes: Classes;
  readonly iam: Iam;
}

/** The function that deletes old versions of the image, and its schedule. */
export class Prune extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, { classes, iam }: PruneProps) {
    super(scope, id);
    const environment: PruneVariables = {
      IMAGE_ARN: local("image_arn"),
      IMAGE_VERSION: imageVersionVariable(),
      CLASSES_PARAM: local("classes_param"),
      IMAGE_VERSIONS_KEPT: textOf("image_versions_kept"),
    };
    const { lambda, policy } = addFunction(this, "prune", {
      iam,
      handler: "scheduled.prune",
      description: "Deletes old versions of the runner image",
      memoryMib: MEMORY_MIB,
      timeoutSeconds: asNumber(TIMEOUT_SECONDS),
      environment,
      policies: asList(classes.mayRead),
      statements: [
        {
          sid: "ListVersions",
          actions: ["lambda:ListMicrovmImageVersions"],
          resources: asList(call("concat", [local("image_arn")], classes.imageArns)),
        },
        {
          sid: "DeleteVersions",
          actions: ["lambda:DeleteMicrovmImageVersion"],
          resources: asList(
            call("concat", [local("image_arn"), `${local("image_arn")}:*`], classes.imageArnsWithVersions),
          ),
        },
        { sid: "SeeMicrovms", actions: ["lambda:ListMicrovms"], resources: ["*"] },
      ],
      keyUses: {},
      reasons: [
        "SeeMicrovms: the action knows no resource, so it can be allowed for all or not at all. It tells ids, states and",
        "versions; nothing can be done with a MicroVM.",
      ],
    });
    this.lambda = lambda;
    addSchedule(this, "prune", {
      iam,
      invokes: { lambda, policy },
      roleName: "prune_schedule",
      description: "Deletes old versions of the runner image",
      expression: "rate(1 day)",
      maxAgeSeconds: asNumber(MAX_AGE_SECONDS),
    });
  }
}

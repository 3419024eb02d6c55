import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { Construct } from "constructs";
import { above, because, call, conditional, equal, or, ref, times } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { explain } from "../synth/explain.ts";
import { asList, asNumber, asString } from "../synth/hcl-token.ts";
import type { Classes } from "./classes.ts";
import { imageVersionVariable, type RefreshVariables } from "./environment.ts";
import { addFunction } from "./function.ts";
import type { Iam } from "./iam.ts";
import type { Image } from "./image.ts";
import { DECRYPT, ENCRYPT } from "./key.ts";
import { local } from "./reference.ts";
import { addSchedule } from "./schedule.ts";
import type { Storage } from "./storage.ts";
import type { Table } from "./table.ts";

const EVERY_MINUTES = 5;
const TIMEOUT_SECONDS = because(
  60,
  "Shorter than the fastest build: no configuration that is read in a run is older than the newest build when it is written.",
);
const MEMORY_MIB = 256;

export interface RefreshProps {
  readonly classes: Classes;
  readonly iam: Iam;
  readonly image: Image;
  readonly storage: Storage;
  readonly table: Table;
}

const memberOf = (name: string) => ref(`var.image_refresh.${name}`);
const textOf = (name: string) => asString(call("tostring", memberOf(name)));

/** The function that builds the image again, or tells that it is due, and its schedule. */
export class Refresh extends Construct {
  readonly lambda: LambdaFunction;
  readonly logs: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, { classes, iam, image, storage, table }: RefreshProps) {
    super(scope, id);
    const environment: RefreshVariables = {
      IMAGE_ARN: local("image_arn"),
      IMAGE_VERSION: imageVersionVariable(),
      CLASSES_PARAM: local("classes_param"),
      TABLE_NAME: table.jobs.name,
      CODE_BUCKET: storage.bucket.bucket,
      MODE: local("refresh_mode"),
      SOAK_DAYS: textOf("soak_days"),
      MAX_AGE_DAYS: textOf("max_age_days"),
      HOURS_UTC: asString(call("join", ",", memberOf("hours_utc"))),
      SKIP_RUNNERS: asString(call("join", ",", memberOf("skip_runners"))),
    };
    const versions = [local("image_arn"), `${local("image_arn")}:*`];
    const isBuilt = equal(local("refresh_mode"), "auto");
    const built = call("concat", conditional(isBuilt, versions, []), classes.builtArnsWithVersions);
    const { lambda, logs, policy } = addFunction(this, "refresh", {
      iam,
      handler: "scheduled.refresh",
      description: "Builds the runner image again when GitHub or AWS have newer parts for it",
      memoryMib: MEMORY_MIB,
      timeoutSeconds: asNumber(TIMEOUT_SECONDS),
      environment,
      policies: asList(call("concat", this.mayBuild(image, storage, built), classes.mayRead)),
      statements: [
        {
          sid: "ReadImage",
          actions: [
            "lambda:GetMicrovmImage",
            "lambda:GetMicrovmImageVersion",
            "lambda:ListMicrovmImageBuilds",
            "lambda:ListMicrovmImageVersions",
          ],
          resources: asList(call("concat", versions, classes.imageArnsWithVersions)),
        },
        {
          sid: "ReadBase",
          actions: ["lambda:ListManagedMicrovmImageVersions"],
          resources: [local("base_image_arn")],
        },
        { sid: "ReadCode", actions: ["s3:GetObject"], resources: [`${storage.bucket.arn}/microvm/*`] },
        { sid: "KeepProgress", actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [table.jobs.arn] },
      ],
      keyUses: { dynamodb: DECRYPT, s3: ENCRYPT },
      reasons: ["What is read of the image is all that it is built from: nothing of it is told to the function twice."],
    });
    this.lambda = lambda;
    this.logs = logs;
    addSchedule(this, "refresh", {
      iam,
      invokes: { lambda, policy },
      roleName: "refresh_schedule",
      description: "Sees whether the runner image is to be built again",
      expression: `rate(${EVERY_MINUTES} minutes)`,
      maxAgeSeconds: asNumber(times(EVERY_MINUTES, 60)),
    });
  }

  private mayBuild(image: Image, storage: Storage, built: Expression): Expression {
    const document = explain(
      new DataAwsIamPolicyDocument(this, "document.refresh_build", {
        count: asNumber(
          conditional(
            or(equal(local("refresh_mode"), "auto"), above(call("length", ref("local.class_built")), 0)),
            1,
            0,
          ),
        ),
        statement: [
          {
            sid: "BuildImage",
            actions: ["lambda:UpdateMicrovmImage", "lambda:UpdateMicrovmImageVersion"],
            resources: asList(built),
          },
          { sid: "PassBuildRole", actions: ["iam:PassRole"], resources: [image.build.role.arn] },
          {
            sid: "PassConnector",
            actions: ["lambda:PassNetworkConnector"],
            resources: [`${local("connector_arn_prefix")}:INTERNET_EGRESS`],
          },
          { sid: "WriteCode", actions: ["s3:PutObject"], resources: [`${storage.bucket.arn}/microvm/refreshed/*`] },
        ],
      }),
      [
        "A watch has none of these rights.",
        "PassBuildRole: no condition on iam:PassedToService, which the service does not send.",
        "PassConnector: the build's way to the internet; it is part of each update, changed or not.",
      ].join("\n"),
    );
    return ref(`data.${document.terraformResourceType}.${document.friendlyUniqueId}[*].json`);
  }
}

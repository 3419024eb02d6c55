import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { HOOK_PORT } from "../../dispatcher/contract.ts";
import { HOOK_TIMEOUT_SECONDS } from "../../microvm/hook-timeouts.ts";
import { LambdaMicrovmImage } from "../bindings/lambda-microvm-image.ts";
import type { Iam } from "./iam.ts";
import { addLogGroup, writeLogs } from "./log-group.ts";
import { explain } from "./module-stack.ts";
import { code, input, local } from "./reference.ts";
import { addRole, type Role } from "./role.ts";
import type { Storage } from "./storage.ts";

const ENABLED = "ENABLED";

export interface ImageProps {
  readonly iam: Iam;
  readonly storage: Storage;
}

/** The image that MicroVMs start from, the role that builds it, and the role and logs of the MicroVMs. */
export class Image extends Construct {
  readonly image: LambdaMicrovmImage;
  readonly logs: CloudwatchLogGroup;
  readonly exec: Role;

  constructor(scope: Construct, id: string, { iam, storage }: ImageProps) {
    super(scope, id);
    this.logs = explain(
      addLogGroup(this, "runner", `/aws/lambda-microvms/${local("image_name")}`),
      [
        "The service sends a build's log to the group of this name; the MicroVMs' own logs go there too. Were it not made",
        "here, the service would make it, without a retention, and it would outlive the module.",
      ].join("\n"),
    );
    this.exec = addRole(this, "exec", {
      trust: iam.microvmTrust,
      description: "Taken on by the runner MicroVMs: every job step can use it, so it may write logs and nothing else",
      statements: [writeLogs(this.logs)],
    });
    const build = addRole(this, "build", {
      trust: iam.microvmTrust,
      description: "Taken on by Lambda MicroVMs while it builds the runner image",
      statements: [
        { sid: "ReadCode", actions: ["s3:GetObject"], resources: [storage.code.arn] },
        {
          sid: "WriteLogs",
          actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
          resources: [`${this.logs.arn}:*`],
        },
      ],
      reasons: ["WriteLogs: without these rights a build that fails leaves no log at all."],
    });
    this.image = explain(
      new LambdaMicrovmImage(this, "image.runner", {
        name: local("image_name"),
        description: "GitHub Actions runner for linux-arm64",
        baseImageArn: `arn:${local("partition")}:lambda:${local("region")}:aws:microvm-image:${input("base_image_name")}`,
        baseImageVersion: input("base_image_version"),
        buildRoleArn: build.role.arn,
        codeArtifact: { uri: `s3://${storage.code.bucket}/${storage.code.key}` },
        cpuConfigurations: [{ architecture: "ARM_64" }],
        resources: [{ minimumMemoryInMiB: Token.asNumber(input("runner_memory_mib")) }],
        additionalOsCapabilities: Token.asList(input("additional_os_capabilities")),
        egressNetworkConnectors: [`${local("connector_arn_prefix")}:INTERNET_EGRESS`],
        environmentVariables: [{ key: "GHA_RUNNER_MICROVM", value: "1" }],
        hooks: {
          port: HOOK_PORT,
          microvmImageHooks: {
            ready: ENABLED,
            readyTimeoutInSeconds: HOOK_TIMEOUT_SECONDS.ready,
            validate: ENABLED,
            validateTimeoutInSeconds: HOOK_TIMEOUT_SECONDS.validate,
          },
          microvmHooks: {
            run: ENABLED,
            runTimeoutInSeconds: HOOK_TIMEOUT_SECONDS.run,
            resume: ENABLED,
            resumeTimeoutInSeconds: HOOK_TIMEOUT_SECONDS.resume,
            suspend: ENABLED,
            suspendTimeoutInSeconds: HOOK_TIMEOUT_SECONDS.suspend,
            terminate: ENABLED,
            terminateTimeoutInSeconds: HOOK_TIMEOUT_SECONDS.terminate,
          },
        },
        logging: { cloudwatch: { logGroup: this.logs.name } },
        tags: Token.asAny(code("[for key, value in local.tags : { key = key, value = value }]")),
        dependsOn: [build.policy, storage.code, this.logs],
      }),
      [
        "Cloud Control wants every property, and the awscc provider leaves out empty sets: hence the marker variable.",
        "The name is fixed, because the service never gives a name free again: a new artifact makes a new version.",
      ].join("\n"),
    );
  }
}

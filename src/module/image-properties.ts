import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import type { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import type { S3Object } from "@cdktf/provider-aws/lib/s3-object/index.js";
import { HOOK_PORT, HOOK_TIMEOUT_SECONDS } from "../../contract/hooks.ts";
import type { LambdaMicrovmImageConfig } from "../bindings/lambda-microvm-image.ts";
import { asNumber } from "../synth/hcl-token.ts";
import { input, local } from "./reference.ts";

const ENABLED = "ENABLED";

export type ImageProperties = Omit<
  LambdaMicrovmImageConfig,
  "additionalOsCapabilities" | "environmentVariables" | "tags" | "count" | "dependsOn" | "lifecycle"
>;

/** What the image is, however it is made: all that it has beside its capabilities, environment and tags. */
export function imageProperties(build: IamRole, artifact: S3Object, logs: CloudwatchLogGroup): ImageProperties {
  return {
    name: local("image_name"),
    description: "GitHub Actions runner for linux-arm64",
    baseImageArn: local("base_image_arn"),
    baseImageVersion: input("base_image_version"),
    buildRoleArn: build.arn,
    codeArtifact: { uri: `s3://${artifact.bucket}/${artifact.key}` },
    cpuConfigurations: [{ architecture: "ARM_64" }],
    resources: [{ minimumMemoryInMiB: asNumber(input("runner_memory_mib")) }],
    egressNetworkConnectors: [`${local("connector_arn_prefix")}:INTERNET_EGRESS`],
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
    logging: { cloudwatch: { logGroup: logs.name } },
  };
}

import type { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { HOOK_PORT, HOOK_TIMEOUT_SECONDS } from "../../contract/hooks.ts";
import type { LambdaMicrovmImageConfig } from "../bindings/lambda-microvm-image.ts";
import { input, local } from "./reference.ts";

const ENABLED = "ENABLED";

export type ImageProperties = Omit<
  LambdaMicrovmImageConfig,
  "additionalOsCapabilities" | "environmentVariables" | "tags" | "count" | "dependsOn" | "lifecycle"
>;

/** What differs between images, beside their capabilities, environment and tags. */
export interface ImageParts {
  readonly name: string;
  readonly build: IamRole;
  /** Address of the build context in S3. */
  readonly code: string;
  readonly memoryMib: number;
  readonly logGroup: string;
}

/** What the image is, however it is made: all that it has beside its capabilities, environment and tags. */
export function imageProperties({ name, build, code, memoryMib, logGroup }: ImageParts): ImageProperties {
  return {
    name,
    description: "GitHub Actions runner for linux-arm64",
    baseImageArn: local("base_image_arn"),
    baseImageVersion: input("base_image_version"),
    buildRoleArn: build.arn,
    codeArtifact: { uri: code },
    cpuConfigurations: [{ architecture: "ARM_64" }],
    resources: [{ minimumMemoryInMiB: memoryMib }],
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
    logging: { cloudwatch: { logGroup } },
  };
}

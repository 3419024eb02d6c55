import type { DispatcherEnvironment } from "../../contract/environment.ts";
import { FINISH_PATH } from "../../contract/finish-call.ts";
import { encodeRunPayload, unwrapJitConfig } from "../../contract/run-payload.ts";
import { DEFAULT_CLASS } from "../../contract/runner-classes.ts";
import type { RunMicrovmInput } from "../core/job.ts";
import type { RunnerClass } from "../core/runner-classes.ts";
import { finishMac } from "../core/signature.ts";

/**
 * A finish call is of use until the MicroVM's own end, and a little longer for one that is late. Between the
 * registration and the launch a job may wait for room as long as GitHub keeps it queued; the MAC is good for this one
 * launch anyway.
 */
const FINISH_GRACE_SECONDS = (24 + 1) * 3_600;

/** Everything that RunMicrovm is told about one launch; throws when the payload would not fit. */
export function buildRunInput(launch: {
  environment: DispatcherEnvironment;
  runnerClass: RunnerClass;
  region: string;
  launchId: string;
  runnerName: string;
  encodedJitConfig: string;
  finishSecret: string;
  now: Date;
}): RunMicrovmInput {
  const { environment, launchId, runnerClass } = launch;
  const { imageArn, imageVersion, egressConnectorArn, logGroup, maxDurationSeconds } = runnerClass;
  const expiresAt = Math.floor(launch.now.getTime() / 1_000) + maxDurationSeconds + FINISH_GRACE_SECONDS;
  const input: RunMicrovmInput = {
    imageArn,
    execRoleArn: environment.EXEC_ROLE_ARN,
    ingressConnectorArn: environment.INGRESS_CONNECTOR_ARN,
    egressConnectorArn,
    logGroup,
    maxDurationSeconds,
    // Names the deployment, the job and the launch number, and nothing that differs between two attempts at the same
    // launch.
    clientToken: launch.runnerName,
    runHookPayload: encodeRunPayload({
      version: 1,
      launchId,
      jitConfig: unwrapJitConfig(launch.encodedJitConfig),
      finish: {
        url: `${environment.FINISH_BASE_URL}${FINISH_PATH}`,
        expiresAt,
        mac: finishMac(launch.finishSecret, launchId, expiresAt),
      },
      region: launch.region,
      maxDurationSeconds,
      ...(runnerClass.name === DEFAULT_CLASS ? {} : { runnerClass: runnerClass.name }),
    }),
  };
  return imageVersion === "" ? input : { ...input, imageVersion };
}

import type { JobRecord, RunMicrovmInput } from "../../dispatcher/core/job.ts";

/** A whole input of RunMicrovm; its payload is the secret of the two. */
export const SAMPLE_RUN_INPUT: RunMicrovmInput = {
  imageArn: "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner",
  imageVersion: "3.0",
  execRoleArn: "arn:aws:iam::123456789012:role/exec",
  ingressConnectorArn: "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:NO_INGRESS",
  egressConnectorArn: "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS",
  logGroup: "/aws/lambda-microvms/runner",
  runHookPayload: "cGF5bG9hZC1vZi10aGUtdGVzdHM",
  maxDurationSeconds: 3_600,
  clientToken: "gha-11-1",
};

/** A record with one launch that uses every field. */
export function sampleJob(change: Partial<JobRecord> = {}): JobRecord {
  return {
    jobId: 11,
    runId: 22,
    repository: "acme/shop",
    installationId: 33,
    labels: ["self-hosted", "microvm"],
    deliveryId: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    launches: [
      {
        number: 1,
        state: "registered",
        runnerName: "gha-11-1",
        runnerId: 5,
        runInput: SAMPLE_RUN_INPUT,
        ambiguous: true,
        claimedAt: "2026-01-01T12:00:00.000Z",
        slotAt: "2026-01-01T12:00:01.000Z",
      },
    ],
    conclusion: "success",
    lease: { holder: "request/message", until: "2026-01-01T12:01:00.000Z" },
    createdAt: "2026-01-01T12:00:00.000Z",
    watchDue: "2026-01-01T12:02:00.000Z",
    version: 1,
    expiresAt: 1_767_528_000,
    ...change,
  };
}

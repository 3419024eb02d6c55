import type { DispatcherEnvironment, WebhookEnvironment } from "../../../contract/environment.ts";

/**
 * What the functions of a deployment for the organization `acme` find in their environment, as the code works with it.
 */
export const functionEnvironment: WebhookEnvironment & DispatcherEnvironment = {
  REQUIRED_LABELS: ["self-hosted", "microvm"],
  RUNNER_LABELS: ["self-hosted", "linux", "arm64", "microvm"],
  GH_OWNER: "acme",
  GH_REPOSITORIES: [],
  CLASSES_PARAM: "",
  RUNNER_NAME_PREFIX: "gha",
  QUEUE_URL: "https://sqs.example/jobs",
  WEBHOOK_SECRET_PARAM: "/gha/webhook",
  WEBHOOK_SECRET_GENERATION: "1",
  TABLE_NAME: "jobs",
  SECRET_PARAM: "/gha/dispatcher",
  GH_API_URL: "https://api.github.com",
  IMAGE_ARN: "arn:aws:lambda:eu-west-1:123456789012:microvm-image:gha-runner",
  IMAGE_VERSION: "",
  EXEC_ROLE_ARN: "arn:aws:iam::123456789012:role/gha-exec",
  INGRESS_CONNECTOR_ARN: "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:NO_INGRESS",
  EGRESS_CONNECTOR_ARN: "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS",
  LOG_GROUP: "/aws/lambda-microvms/gha-runner",
  ALLOW_FORK_PULL_REQUESTS: false,
  PAUSED: false,
  MEMORY_MIB: 8_192,
  MAX_DURATION_SECONDS: 3_600,
  MAX_CONCURRENCY: 0,
  MAX_CONCURRENCY_PER_REPOSITORY: 0,
  FINISH_BASE_URL: "https://id.lambda-url.eu-west-1.on.aws",
};

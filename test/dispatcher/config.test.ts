import { describe, expect, it } from "vitest";
import { dispatcherEnvironment, webhookEnvironment } from "../../contract/environment.ts";
import { dispatcherSecret } from "../../contract/secrets.ts";
import { awsCredentials, awsEndpoint, awsRegion, parseEnvironment, parseSecret } from "../../dispatcher/config.ts";
import { ConfigurationError } from "../../dispatcher/errors.ts";

const shared = {
  REQUIRED_LABELS: "self-hosted,microvm",
  RUNNER_LABELS: "self-hosted,linux,arm64,microvm",
  GH_OWNER: "acme",
  RUNNER_NAME_PREFIX: "gha",
  QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/1/jobs",
};
const webhook = { ...shared, WEBHOOK_SECRET_PARAM: "/gha/webhook" };
const dispatcher = {
  ...shared,
  TABLE_NAME: "jobs",
  SECRET_PARAM: "/gha/dispatcher",
  GH_API_URL: "https://api.github.com",
  IMAGE_ARN: "arn:aws:lambda:eu-west-1:1:microvm-image:gha-runner",
  EXEC_ROLE_ARN: "arn:aws:iam::1:role/gha-exec",
  INGRESS_CONNECTOR_ARN: "arn:in",
  EGRESS_CONNECTOR_ARN: "arn:out",
  LOG_GROUP: "/aws/lambda-microvms/gha-runner",
  ALLOW_FORK_PULL_REQUESTS: "false",
  MAX_DURATION_SECONDS: "1200",
  MAX_CONCURRENCY: "0",
  FINISH_BASE_URL: "https://id.lambda-url.eu-west-1.on.aws",
};

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return String(error);
  }
  throw new Error("nothing was thrown");
}

describe("parseEnvironment", () => {
  it("gives lists, numbers and defaults their types", () => {
    const parsed = parseEnvironment(dispatcherEnvironment, { ...dispatcher, GH_REPOSITORIES: "", OTHER: "x" });
    expect(parsed).toMatchObject({
      REQUIRED_LABELS: ["self-hosted", "microvm"],
      GH_REPOSITORIES: [],
      IMAGE_VERSION: "",
      ALLOW_FORK_PULL_REQUESTS: false,
      MAX_DURATION_SECONDS: 1200,
    });
    expect(parsed).not.toHaveProperty("OTHER");
  });

  it.each(Object.keys(webhook))("names %s when it is missing or empty", (name) => {
    for (const value of [undefined, ""]) {
      const message = messageOf(() => parseEnvironment(webhookEnvironment, { ...webhook, [name]: value }));
      expect(message).toContain(`environment variable ${name} is missing`);
    }
  });

  it.each(Object.keys(dispatcher))("names %s when the dispatcher lacks it", (name) => {
    const message = messageOf(() => parseEnvironment(dispatcherEnvironment, { ...dispatcher, [name]: undefined }));
    expect(message).toContain(`environment variable ${name} is missing`);
  });

  it("names every problem at once and quotes no value", () => {
    const bad = { ...dispatcher, GH_OWNER: undefined, QUEUE_URL: "not a url", MAX_DURATION_SECONDS: "12 minutes" };
    const message = messageOf(() => parseEnvironment(dispatcherEnvironment, bad));
    expect(message).toContain("GH_OWNER is missing");
    expect(message).toContain("QUEUE_URL must be a URL");
    expect(message).toContain("MAX_DURATION_SECONDS must be a whole number");
    expect(message).not.toContain("12 minutes");
    expect(message).not.toContain("not a url");
  });

  it.each(["59", "28801", "-60", "1e3", "60.5", "Infinity"])("refuses a maximum duration of %s", (seconds) => {
    const bad = { ...dispatcher, MAX_DURATION_SECONDS: seconds };
    expect(messageOf(() => parseEnvironment(dispatcherEnvironment, bad))).toContain("MAX_DURATION_SECONDS must be");
  });

  it("refuses a URL with a trailing slash, which would give paths with two", () => {
    const bad = { ...dispatcher, GH_API_URL: "https://ghes.example/api/v3/" };
    expect(messageOf(() => parseEnvironment(dispatcherEnvironment, bad))).toContain(
      "GH_API_URL must not end with a slash",
    );
  });
});

describe("parseSecret", () => {
  it("reads the dispatcher's secret with and without an installation", () => {
    const secret = { webhook_secrets: ["s"], github_app: { app_id: "1", installation_id: null, private_key: "k" } };
    expect(parseSecret(dispatcherSecret, "/p", JSON.stringify(secret))).toEqual(secret);
  });

  it("names the parameter and the field, and never the value", () => {
    const secret = { webhook_secrets: [], github_app: { app_id: 12345678, private_key: "hush" } };
    const message = messageOf(() => parseSecret(dispatcherSecret, "/p", JSON.stringify(secret)));
    expect(message).toContain("SSM parameter /p");
    expect(message).toContain("github_app.app_id");
    expect(message).not.toContain("12345678");
    expect(messageOf(() => parseSecret(dispatcherSecret, "/p", "hush {"))).not.toContain("hush");
  });
});

describe("AWS's own variables", () => {
  const aws = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_SESSION_TOKEN: "c" };

  it("gives Region and credentials, with and without a session", () => {
    expect(awsRegion(aws)).toBe("eu-west-1");
    expect(awsCredentials(aws)).toEqual({ accessKeyId: "a", secretAccessKey: "b", sessionToken: "c" });
    expect(awsCredentials({ ...aws, AWS_SESSION_TOKEN: undefined })).not.toHaveProperty("sessionToken");
  });

  it("prefers the endpoint of the service, as the AWS SDKs do", () => {
    const endpoints = { AWS_ENDPOINT_URL: "http://all", AWS_ENDPOINT_URL_SQS: "http://sqs" };
    expect(awsEndpoint(endpoints, "sqs")).toBe("http://sqs");
    expect(awsEndpoint(endpoints, "ssm")).toBe("http://all");
    expect(awsEndpoint({}, "ssm")).toBeUndefined();
  });
});

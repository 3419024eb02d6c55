import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsReader } from "../../cli/aws/aws-reader.ts";
import type { Finding } from "../../cli/core/finding.ts";
import { examine } from "../../cli/doctor.ts";
import { NotFoundError } from "../../dispatcher/errors.ts";
import { functionEnvironment } from "../../lab/world/services/function-environment.ts";
import { type LocalServer, startLocalServer } from "../support/local-server.ts";
import { refusing } from "./setup/memory-context.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";
const ALARM = { name: "queue-stuck", description: "", state: "OK" };
const ACTIVE = { state: "CREATED", latestActiveVersion: "3.0" };
const NO_RUNNER: Awaited<ReturnType<AwsReader["runner"]>> = {
  state: { versions: {}, failures: {}, withdrawn: [] },
  releases: { checkedMs: 0, enforced: true, releases: [], refusedFromMs: {} },
  hold: { launchIds: [], known: false, refusedMs: 0, probedMs: 0 },
};

let server: LocalServer;
let answers: Record<string, unknown>;
beforeEach(async () => {
  answers = {};
  server = await startLocalServer(({ path }) => {
    const body = answers[path];
    return body === undefined
      ? { status: 404, body: '{"message":"Not Found"}' }
      : { status: 200, body: JSON.stringify(body) };
  });
});
afterEach(() => server.close());

/** What is found, by check, where so much is answered and the rest is refused. */
async function look(
  aws: Partial<AwsReader>,
  change: { githubToken?: string; imageVersion?: string; classes?: string } = {},
) {
  const settings = {
    ...functionEnvironment,
    ...{ GH_API_URL: server.url, IMAGE_VERSION: change.imageVersion ?? "", CLASSES_PARAM: change.classes ?? "" },
  };
  const findings = await examine({
    aws: refusing<AwsReader>({ region: "eu-west-1", address: server.url, ...aws }),
    deployment: { prefix: "gha", settings },
    githubToken: change.githubToken,
    now: () => new Date(),
  });
  return (check: string): Finding | undefined => findings.find((each) => each.check === check);
}

const missing = async (): Promise<never> => {
  throw new NotFoundError("there is none");
};

it("fails nothing that may not be looked at", async () => {
  const found = await look({});
  for (const check of ["aws.image", "aws.image-build", "aws.runner", "aws.alarms", "aws.jobs-queue", "github.app"]) {
    expect(found(check)?.outcome, check).toBe("skip");
  }
});

describe("the image", () => {
  it("that does not exist keeps what rests on it from being looked at", async () => {
    const found = await look({ image: missing });
    expect(found("aws.image")).toMatchObject({ outcome: "fail", fix: expect.stringContaining("terraform apply") });
    for (const check of ["aws.image-build", "aws.runner", "aws.quota-memory"]) {
      expect(found(check)?.outcome, check).toBe("skip");
    }
  });

  it("without an active version has no runner and no size", async () => {
    const found = await look({ image: async () => ({ state: "CREATED" }), quota: async () => 400 });
    expect(found("aws.runner")).toMatchObject({ outcome: "skip", text: 'needs "Image" to pass' });
    expect(found("aws.quota-memory")).toMatchObject({ outcome: "skip" });
  });

  it("is looked at in the version that is launched: the one asked for, or the latest active one", async () => {
    const sizes: string[] = [];
    const aws: Partial<AwsReader> = {
      image: async () => ACTIVE,
      quota: async () => 400,
      async imageMemory(_arn, version) {
        sizes.push(version);
        return 4_096;
      },
      functionEnvironment: async () => ({}),
      runner: async () => NO_RUNNER,
    };
    expect((await look(aws))("aws.runner")).toMatchObject({ outcome: "pass" });
    await look(aws, { imageVersion: "2.0" });
    expect(sizes).toEqual(["3.0", "2.0"]);
  });

  it("whose last build failed is asked why", async () => {
    const asked: string[] = [];
    const found = await look({
      image: async () => ({ ...ACTIVE, latestFailedVersion: "4.0" }),
      async builds(_arn, version) {
        asked.push(version);
        return [{ state: "FAILED", createdAt: new Date(), reason: "no space" }];
      },
    });
    expect(asked).toEqual(["4.0"]);
    expect(found("aws.image-build")?.text).toContain("no space");
  });
});

describe("the images that classes have of their own", () => {
  const labels = { required: ["a"], runner: ["a"] };
  const document = {
    large: { ...labels, image: "gha-runner-large", built: true },
    pinned: { ...labels, image: "gha-runner-pinned", version: "2.0", max: 3 },
    slow: labels,
  };
  const read = (name: string) =>
    name === "/gha/classes:3" ? JSON.stringify(document) : Promise.reject(new NotFoundError("none"));

  it("are looked at one by one, each with its own runner", async () => {
    const asked: unknown[] = [];
    const found = await look(
      {
        image: async (arn) => ({ ...ACTIVE, state: arn.endsWith("large") ? "UPDATE_FAILED" : "UPDATED" }),
        async runner(_table, image) {
          asked.push(image);
          return NO_RUNNER;
        },
        parameter: async (name) => read(name),
        functionEnvironment: async () => ({ MODE: "auto" }),
      },
      { classes: "/gha/classes:3" },
    );
    expect(found("aws.image")?.outcome).toBe("pass");
    expect(found("aws.image.large")).toMatchObject({ outcome: "fail", title: "Image: large" });
    expect(found("aws.image.pinned")?.text).toContain("version 2.0 pinned");
    expect(found("aws.image.slow")).toBeUndefined();
    expect(found("aws.quota-memory.slow")).toBeUndefined();
    expect(found("aws.runner.large")?.outcome).toBe("pass");
    expect(asked).toEqual([undefined, "gha-runner-large", "gha-runner-pinned"]);
  });

  it("may be too large for the account where the default's is not", async () => {
    const found = await look(
      {
        image: async () => ACTIVE,
        imageMemory: async (arn, version) => (arn.endsWith("large") ? 8_192 : version === "2.0" ? 4_096 : 2_048),
        parameter: async (name) => read(name),
        quota: async () => 16,
      },
      { classes: "/gha/classes:3" },
    );
    expect(found("aws.quota-memory")?.text).toContain("2 jobs at once with 2048 MiB");
    expect(found("aws.quota-memory.pinned")?.text).toMatch(/1 job at once with 4096 MiB.*max_concurrency is 3$/);
    expect(found("aws.quota-memory.large")).toMatchObject({
      ...{ outcome: "fail", title: "Quota: memory: large", text: expect.stringContaining("less than one MicroVM") },
      fix: expect.stringContaining("runner_memory_mib"),
    });
  });

  it("are not known while their parameter cannot be read", async () => {
    expect((await look({}, { classes: "/gha/classes:3" }))("aws.classes")?.outcome).toBe("skip");
    expect((await look({ parameter: missing }, { classes: "/gha/classes:3" }))("aws.classes")).toMatchObject({
      outcome: "fail",
      fix: expect.stringContaining("terraform apply"),
    });
    expect((await look({}))("aws.classes")).toBeUndefined();
  });
});

describe("the queues", () => {
  const queue = { name: "gha-jobs", visible: 1, delayed: 0, inFlight: 0 };

  it("are read one after the other", async () => {
    const found = await look({
      queue: async (url) =>
        url === "dead" ? { ...queue, name: "gha-dead-letters", visible: 2 } : { ...queue, deadLetterUrl: "dead" },
    });
    expect(found("aws.jobs-queue")?.outcome).toBe("pass");
    expect(found("aws.dead-letters")).toMatchObject({
      outcome: "fail",
      text: expect.stringMatching(/^2 in gha-dead-/),
    });
  });

  it("are two", async () => {
    expect((await look({ queue: async () => queue }))("aws.dead-letters")?.text).toContain("no dead-letter queue");
    expect((await look({ queue: missing }))("aws.jobs-queue")?.fix).toContain("terraform apply");
  });
});

describe("alarms", () => {
  const alarms = (...actions: string[]) => ({ alarms: async () => [{ ...ALARM, actions }] });

  it("tell somebody where a topic is heard, or an action is no topic", async () => {
    expect((await look({ ...alarms(TOPIC), isHeard: async () => true }))("aws.alarm-actions")?.outcome).toBe("pass");
    expect((await look({ ...alarms(TOPIC), isHeard: async () => false }))("aws.alarm-actions")?.outcome).toBe("fail");
    expect((await look(alarms(TOPIC)))("aws.alarm-actions")?.outcome).toBe("skip");
    expect((await look(alarms("arn:aws:lambda:eu-west-1:1:function:f")))("aws.alarm-actions")?.outcome).toBe("pass");
  });
});

describe("webhooks, without the App's key", () => {
  const hooks = (value: object): Partial<AwsReader> => ({
    functionEnvironment: async () => ({ HOOKS_PARAM: "/gha/hooks" }),
    async parameter(name) {
      if (name !== "/gha/hooks") return missing();
      return JSON.stringify(value);
    },
  });
  const ours = {
    ...{ active: true, events: ["workflow_job"] },
    config: { url: `${functionEnvironment.FINISH_BASE_URL}/`, content_type: "json" },
  };

  it("are read with a person's token", async () => {
    answers["/orgs/acme/hooks/9"] = ours;
    answers["/orgs/acme/hooks/9/deliveries"] = [];
    const found = await look(hooks({ organization: 9, repositories: {} }), { githubToken: "token" });
    expect(found("github.webhook")).toMatchObject({ outcome: "pass" });
    expect(found("github.deliveries")?.outcome).not.toBe("fail");
    expect(found("github.app")).toMatchObject({ outcome: "fail" });
  });

  it("that are gone have no deliveries to read", async () => {
    const found = await look(hooks({ organization: 9, repositories: {} }), { githubToken: "token" });
    expect(found("github.webhook")).toMatchObject({ outcome: "fail", text: expect.stringContaining("does not exist") });
    expect(found("github.deliveries")?.outcome).toBe("skip");
  });

  it("are not without one", async () => {
    const found = await look(hooks({ organization: 9, repositories: {} }));
    expect(found("github.webhook")?.outcome).toBe("skip");
  });
});

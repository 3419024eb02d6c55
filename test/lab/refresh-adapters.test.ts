/** What refresh and redeliver call of the world, in memory and over the wire to the lab: the same promises hold. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLambdaBuiltImage } from "../../dispatcher/aws/lambda-built-image.ts";
import { createS3CodeBucket } from "../../dispatcher/aws/s3-code-bucket.ts";
import { updateOf } from "../../dispatcher/core/image-configuration.ts";
import { NotFoundError, RefusedError, ThrottledError, TransientError } from "../../dispatcher/errors.ts";
import { createRunnerApi } from "../../dispatcher/github/runner-api.ts";
import type { BuiltImage, CodeBucket, RunnerApi } from "../../dispatcher/ports.ts";
import { type LabAws, startAws } from "../../lab/aws/aws.ts";
import { AwsError } from "../../lab/aws/aws-error.ts";
import { microvmErrors } from "../../lab/aws/microvms/errors.ts";
import { type LabGitHub, startGitHub } from "../../lab/github/start-github.ts";
import { createManualClock } from "../../lab/world/services/manual-clock.ts";
import { createMemoryBuiltImage } from "../../lab/world/services/memory-built-image.ts";
import { createMemoryCodeBucket } from "../../lab/world/services/memory-code-bucket.ts";
import { createMemoryRunnerApi } from "../../lab/world/services/memory-runner-api.ts";
import { checksumOf } from "../../lab/world/services/refresh-bench.ts";
import { steadyKey } from "../support/app-key.ts";
import { eventually } from "../support/eventually.ts";
import { signedFetchFor } from "../support/signed-fetch-for.ts";
import { addRole } from "./aws/support/apply.ts";
import { buildImage, CONNECTORS, IMAGE_ARN, prepareImage } from "./aws/support/image.ts";
import { type MemoryGuests, memoryGuests } from "./aws/support/memory-guests.ts";

let aws: LabAws;
let guests: MemoryGuests;
beforeAll(async () => {
  guests = memoryGuests();
  aws = await startAws({ guests });
  await prepareImage(aws);
  await addRole(aws, "refresh", [
    { actions: ["lambda:*"], resources: [IMAGE_ARN, `${IMAGE_ARN}:*`, `${CONNECTORS}:*`] },
    { actions: ["lambda:ListManagedMicrovmImageVersions"], resources: ["*"] },
    { actions: ["iam:PassRole"], resources: ["arn:aws:iam::123456789012:role/build"] },
    { actions: ["s3:GetObject", "s3:PutObject"], resources: ["arn:aws:s3:::artifacts/microvm/*"] },
  ]);
  await buildImage(aws);
});
afterAll(() => aws.stop());

const credentials = () => aws.iam.issueCredentials("refresh", "test");
const CODE = { uri: "s3://artifacts/code.zip" };

interface ImageSubject {
  image: BuiltImage;
  /** The next build, or the one under way, fails. */
  fail(): void;
  /** Has the build under way last until {@link settle}. */
  hold(): void;
  settle(): Promise<void>;
}

async function imageInMemory(): Promise<ImageSubject> {
  const clock = createManualClock();
  const bucket = createMemoryCodeBucket();
  await bucket.put("code.zip", new Uint8Array([80, 75, 5, 6, ...Array(18).fill(0)]));
  let fails = false;
  const image = createMemoryBuiltImage({
    ...{ clock, bucket, bucketName: "artifacts" },
    fails: () => (fails ? "the build failed" : undefined),
  });
  image.apply({ codeArtifact: CODE, baseImageVersion: "1" });
  clock.advance(600);
  return {
    image,
    fail: () => {
      fails = true;
    },
    hold: () => undefined,
    settle: async () => clock.advance(600),
  };
}

async function imageInLab(): Promise<ImageSubject> {
  guests.answers = {};
  const endpoint = aws.endpoint;
  const caller = credentials();
  const image = createLambdaBuiltImage(signedFetchFor("lambda", endpoint, { credentials: () => caller }), IMAGE_ARN);
  return {
    image,
    fail: () => {
      guests.answers.validate = 500;
    },
    hold: () => {
      guests.answers.validate = 503;
    },
    async settle() {
      if (guests.answers.validate === 503) delete guests.answers.validate;
      await eventually(async () => expect(await image.state()).not.toBe("UPDATING"));
    },
  };
}

describe.each([
  ["in memory", imageInMemory],
  ["over the API of Lambda MicroVMs", imageInLab],
])("an image, %s", (_, create) => {
  let subject: ImageSubject;
  let image: BuiltImage;
  beforeEach(async () => {
    subject = await create();
    image = subject.image;
  });

  const newest = async () => {
    const versions = await image.versions();
    return versions.toSorted((a, b) => Number.parseInt(b.version, 10) - Number.parseInt(a.version, 10))[0];
  };
  const update = async (token: string) => {
    const { configuration, baseImageVersion } = await image.show("1.0");
    return image.update(updateOf(configuration, { ...CODE, baseMajor: baseImageVersion.split(".")[0] ?? "" }), token);
  };

  it("shows what a version is made of, and no version that is not there", async () => {
    const shown = await image.show("1.0");
    expect(shown).toMatchObject({ uri: CODE.uri, baseImageVersion: "1.0", configuration: { codeArtifact: CODE } });
    expect(shown.createdAt.getTime()).toBeGreaterThan(0);
    expect(await image.versions()).toContainEqual(
      expect.objectContaining({ version: "1.0", state: "SUCCESSFUL", status: "ACTIVE" }),
    );
    await expect(image.show("77.0")).rejects.toThrow(NotFoundError);
  });

  it("is built again as the next version, and is busy until then", async () => {
    const before = await newest();
    subject.hold();
    const version = await update("first");
    expect(Number.parseInt(version, 10)).toBe(Number.parseInt(before?.version ?? "", 10) + 1);
    expect(await image.state()).toBe("UPDATING");
    for (const busy of [() => update("second"), () => image.deactivate("1.0")]) {
      await expect(busy()).rejects.toThrow(ThrottledError);
      await expect(busy()).rejects.toMatchObject({ reason: "image" });
    }
    await subject.settle();
    expect(await image.state()).toBe("UPDATED");
    expect(await newest()).toMatchObject({ version, state: "SUCCESSFUL", status: "ACTIVE" });
    expect(await image.failures(version)).toEqual([]);
  });

  it("tells once why a build failed, whatever it was built for, and can be built after that", async () => {
    subject.fail();
    const version = await update("failing");
    await subject.settle();
    expect(await image.state()).toBe("UPDATE_FAILED");
    expect(await newest()).toMatchObject({ version, state: "FAILED", status: "INACTIVE" });
    const reasons = await image.failures(version);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/fail/);
  });

  it("keeps a version that is withdrawn from being launched", async () => {
    const version = await update("withdrawn");
    await subject.settle();
    await image.deactivate(version);
    expect(await newest()).toMatchObject({ version, state: "SUCCESSFUL", status: "INACTIVE" });
  });

  it("has a base of which AWS says whether it lasts", async () => {
    const { baseImageArn } = await image.show("1.0");
    expect(await image.bases(baseImageArn)).toContainEqual({ major: "1", status: "AVAILABLE" });
  });
});

describe("an image, over the API of Lambda MicroVMs", () => {
  it.each([
    ["a conflict", microvmErrors.conflict("MicroVM image runner is in state UPDATING", IMAGE_ARN, "microvm-image")],
    ["a wrong input", microvmErrors.validation("Cannot update MicroVM Image in its current state")],
  ])("is busy when the service calls it %s, and any other wrong input is refused", async (_how, busy) => {
    const { image } = await imageInLab();
    const meet = (fail: AwsError) =>
      aws.gateway.onCall({ operation: "UpdateMicrovmImage", times: 1 }, () => ({ fail }));
    meet(busy);
    await expect(image.update({}, "token")).rejects.toMatchObject({ name: "ThrottledError", reason: "image" });
    meet(microvmErrors.validation("1 validation error detected"));
    await expect(image.update({}, "token")).rejects.toThrow(RefusedError);
  });
});

describe.each([
  ["in memory", (): CodeBucket => createMemoryCodeBucket()],
  [
    "over the API of S3",
    (): CodeBucket => {
      const caller = credentials();
      const place = { region: "eu-west-1", bucket: "artifacts", endpoint: aws.endpoint };
      return createS3CodeBucket({ ...place, credentials: () => caller });
    },
  ],
])("the bucket of build contexts, %s", (_, create) => {
  it("gives back the bytes that were put there, and nothing for a key that is not there", async () => {
    const bucket = create();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
    await bucket.put("microvm/refreshed/a b+ü.zip", bytes);
    expect(await bucket.get("microvm/refreshed/a b+ü.zip")).toEqual(bytes);
    await bucket.put("microvm/refreshed/a b+ü.zip", new Uint8Array([1]));
    expect(await bucket.get("microvm/refreshed/a b+ü.zip")).toEqual(new Uint8Array([1]));
    expect(await bucket.get("microvm/none.zip")).toBeUndefined();
  });
});

describe("the bucket of build contexts, over the API of S3", () => {
  const bucket = () => {
    const caller = credentials();
    return createS3CodeBucket({
      ...{ region: "eu-west-1", bucket: "artifacts", endpoint: aws.endpoint, credentials: () => caller },
    });
  };

  it("refuses what the role may not write", async () => {
    await expect(bucket().put("elsewhere.zip", new Uint8Array())).rejects.toThrow(RefusedError);
  });

  it("asks once more when S3 fails or hangs up, and gives up in passing after that", async () => {
    const fail = new AwsError("InternalError", 500, "We encountered an internal error.");
    aws.gateway.onCall({ service: "s3", times: 1 }, () => ({ fail }));
    await bucket().put("microvm/again.zip", new Uint8Array([2]));
    aws.gateway.onCall({ service: "s3", times: 1 }, () => "disconnect");
    expect(await bucket().get("microvm/again.zip")).toEqual(new Uint8Array([2]));
    aws.gateway.onCall({ service: "s3", times: 2 }, () => ({ fail }));
    await expect(bucket().get("microvm/again.zip")).rejects.toThrow(TransientError);
    aws.gateway.onCall({ service: "s3", times: 2 }, () => "disconnect");
    await expect(bucket().put("microvm/again.zip", new Uint8Array())).rejects.toThrow(TransientError);
  });
});

describe("GitHub's word about its runner", () => {
  const PAST = new Date("2026-06-01T00:00:00Z");
  let github: LabGitHub;
  beforeAll(async () => {
    github = await startGitHub({ repositories: ["acme/app"] });
    github.releases.offered = { version: "2.338.0", sha256: checksumOf("2.338.0") };
    github.releases.refusedFrom.clear();
    github.releases.refusedFrom.set("2.337.0", PAST).set("2.338.0", null);
  });
  afterAll(async () => {
    github.assertFaithful();
    await github.close();
  });
  const clock = createManualClock(new Date("2026-11-01T00:00:00Z"));
  const released = (version: string, refused: Date | null) => ({
    ...{ version, publishedMs: 0, refusedMs: refused?.getTime() ?? null },
  });
  const overHttp = (more: { runnerGroupId?: number; repositories?: string[] }): RunnerApi => {
    const { id, privateKey } = github.app;
    return createRunnerApi({
      ...{ apiUrl: github.apiUrl, app: { appId: String(id), key: steadyKey(privateKey) }, owner: "acme" },
      ...{ repositories: [], clock: { now: () => new Date() }, ...more },
    });
  };

  it.each([
    ["in memory", () => createMemoryRunnerApi(clock, () => [released("2.337.0", PAST), released("2.338.0", null)])],
    ["of a repository that is named", () => overHttp({ repositories: ["app"] })],
    ["of the first repository that the App reaches", () => overHttp({})],
    ["of the organization", () => overHttp({ runnerGroupId: 1 })],
  ])("is the release that it offers and when it refuses others, %s", async (_, create) => {
    const api = create();
    expect(await api.newest()).toEqual({
      filename: "actions-runner-linux-arm64-2.338.0.tar.gz",
      sha256: checksumOf("2.338.0"),
    });
    expect(await api.refusedFrom("2.337.0")).toEqual(PAST);
    expect(await api.refusedFrom("2.338.0")).toBeNull();
    expect(await api.refusedFrom("2.300.0")).toBeUndefined();
  });
});

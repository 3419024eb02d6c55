import { afterAll, describe, expect, it } from "vitest";
import { createLambdaImageVersions } from "../../../dispatcher/aws/lambda-image-versions.ts";
import type { ImageVersion, MicrovmState } from "../../../dispatcher/core/views.ts";
import { RefusedError, ThrottledError, TransientError } from "../../../dispatcher/errors.ts";
import type { ImageVersions } from "../../../dispatcher/ports.ts";
import { createManualClock, type ManualClock } from "../../../lab/world/services/manual-clock.ts";
import {
  createMemoryImageVersions,
  type MemoryImageVersions,
} from "../../../lab/world/services/memory-image-versions.ts";
import { startImageVersionsServer } from "../../support/image-versions-server.ts";
import type { LocalServer } from "../../support/local-server.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner";

interface Subject {
  images: ImageVersions;
  memory: MemoryImageVersions;
  clock: ManualClock;
}
interface Options {
  versions: ImageVersion[];
  microvms?: { state: MicrovmState; imageVersion: string }[];
}

const servers: LocalServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

async function inMemory({ versions, microvms = [] }: Options): Promise<Subject> {
  const clock = createManualClock();
  const memory = createMemoryImageVersions({ clock, imageArn: ARN, versions, microvms });
  return { images: memory, memory, clock };
}

async function overHttp(options: Options): Promise<Subject> {
  const subject = await inMemory(options);
  const server = await startImageVersionsServer(subject.memory, options.microvms ?? []);
  servers.push(server);
  return { ...subject, images: createLambdaImageVersions(signedFetchFor("lambda", server.url)) };
}

const implementations: [string, (options: Options) => Promise<Subject>][] = [
  ["in memory", inMemory],
  ["Lambda MicroVMs", overHttp],
];

const version = (number: number, change: Partial<ImageVersion> = {}): ImageVersion => ({
  version: `${number}.0`,
  state: "SUCCESSFUL",
  status: "ACTIVE",
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, number, 250)),
  ...change,
});

describe.each(implementations)("versions of an image, %s", (_, create) => {
  it("are listed whole, with more of them than fit a page", async () => {
    const versions = Array.from({ length: 120 }, (_, index) => version(index + 1));
    versions.push(version(121, { state: "FAILED", status: "INACTIVE" }));
    const { images } = await create({ versions });

    expect(await images.list(ARN)).toEqual(versions);
  });

  it("are in use while a MicroVM of them has not ended, whichever page it is on", async () => {
    const dead = Array.from({ length: 130 }, () => ({ state: "TERMINATED" as const, imageVersion: "1.0" }));
    const living = (["PENDING", "RUNNING", "SUSPENDING", "SUSPENDED", "TERMINATING"] as const).map((state, index) => ({
      state,
      imageVersion: `${index + 2}.0`,
    }));
    const { images } = await create({ versions: [version(1)], microvms: [...dead, ...living] });

    expect(await images.inUse(ARN)).toEqual(new Set(["2.0", "3.0", "4.0", "5.0", "6.0"]));
  });

  it("are gone some time after they were deleted, and the image can not be changed until then", async () => {
    const { images, clock } = await create({ versions: [version(1), version(2), version(3)] });

    await images.delete(ARN, "1.0");
    expect((await images.list(ARN)).map(({ state }) => state)).toEqual(["DELETING", "SUCCESSFUL", "SUCCESSFUL"]);
    await expect(images.delete(ARN, "2.0")).rejects.toMatchObject({ name: "ThrottledError", reason: "image" });

    clock.advance(30);
    expect((await images.list(ARN)).map((each) => each.version)).toEqual(["2.0", "3.0"]);
    await images.delete(ARN, "2.0");
  });

  it("may be deleted twice, but not the last of them", async () => {
    const { images } = await create({ versions: [version(2)] });

    await images.delete(ARN, "1.0");
    await expect(images.delete(ARN, "2.0")).rejects.toBeInstanceOf(RefusedError);
  });

  it("are not found for an image that is not there", async () => {
    const { images } = await create({ versions: [version(1)] });

    await expect(images.list(`${ARN}-other`)).rejects.toMatchObject({ name: "NotFoundError" });
    expect(await images.inUse(`${ARN}-other`)).toEqual(new Set());
  });

  it("are not listed in part", async () => {
    const versions = Array.from({ length: 60 }, (_, index) => version(index + 1));
    const microvms = versions.map((each) => ({ state: "RUNNING" as const, imageVersion: each.version }));
    const { images, memory } = await create({ versions, microvms });

    for (const operation of ["list", "inUse"] as const) {
      // From the last page on, where there are pages.
      let calls = 0;
      memory.failBy((name) => {
        if (name === operation) calls++;
        return name === operation && (calls > 1 || images === memory) ? new TransientError("lost") : undefined;
      });
      await expect(images[operation](ARN)).rejects.toBeInstanceOf(TransientError);
    }
  });

  it("say that the moment is wrong when the service is asked too often", async () => {
    const { images, memory } = await create({ versions: [version(1), version(2)] });
    memory.failBy(() => new ThrottledError("throttled"));

    await expect(images.list(ARN)).rejects.toMatchObject({ name: "ThrottledError", reason: "rate" });
    await expect(images.inUse(ARN)).rejects.toMatchObject({ name: "ThrottledError", reason: "rate" });
    await expect(images.delete(ARN, "1.0")).rejects.toMatchObject({ name: "ThrottledError", reason: "rate" });
  });
});

it("takes a MicroVM in a state that is not known for one that lives", async () => {
  const body = { items: [{ imageVersion: "7.0", state: "HIBERNATED" }] };
  const fetch = async () => body;

  expect(await createLambdaImageVersions(fetch).inUse(ARN)).toEqual(new Set(["7.0"]));
});

it("does not follow pages that never end", async () => {
  const fetch = async () => ({ items: [], nextToken: "again=" });

  await expect(createLambdaImageVersions(fetch).inUse(ARN)).rejects.toThrow("does not come to an end");
});

import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabAws, startAws } from "../../../lab/aws/aws.ts";
import { contentsOf } from "../../../lab/aws/contents.ts";
import { addRole, apply, change, destroy } from "./support/apply.ts";
import { clientConfig } from "./support/clients.ts";
import { memoryGuests } from "./support/memory-guests.ts";

const OBJECT = "aws_s3_object";

let aws: LabAws;
beforeAll(async () => {
  aws = await startAws({ guests: memoryGuests() });
});
afterAll(() => aws.stop());

async function bucket(name: string, status: string, more: object = {}) {
  const made = await apply(aws, "aws_s3_bucket", { bucket: name, ...more });
  await apply(aws, "aws_s3_bucket_versioning", { bucket: name, versioning_configuration: [{ status }] });
  return made;
}

const put = (name: string, content: string) => apply(aws, OBJECT, { bucket: name, key: "k", content });
const read = (state: object) => aws.providers.aws.resources[OBJECT]?.read?.({ ...state });

describe("an object of a bucket that keeps versions", () => {
  it("has a version each time that it is written, and loses all of them when one state of it is destroyed", async () => {
    await bucket("versioned", "Enabled");
    const first = await put("versioned", "one");
    const second = await put("versioned", "two");
    expect(first.version_id).not.toBe(second.version_id);
    expect(aws.objects.versions("versioned")).toHaveLength(2);

    await destroy(aws, OBJECT, first);

    expect(aws.objects.versions("versioned")).toEqual([]);
    expect(await read(second)).toBeNull();
  });

  it("is read back with the version that somebody else wrote", async () => {
    await bucket("shared", "Enabled");
    const state = await put("shared", "one");
    aws.objects.put("shared", "k", Buffer.from("by hand"), "text/plain");

    expect(await read(state)).toEqual({ version_id: aws.objects.head("shared", "k")?.versionId });
  });

  it("leaves a marker when it is deleted without its version, and the bucket cannot go", async () => {
    const made = await bucket("marked", "Enabled");
    await put("marked", "one");
    aws.objects.delete("marked", "k");

    expect(aws.objects.read("marked", "k")).toBeUndefined();
    expect(aws.objects.versions("marked")).toHaveLength(2);
    await expect(destroy(aws, "aws_s3_bucket", made)).rejects.toThrow("You must delete all versions in the bucket");
  });
});

describe("an object that a function writes over the network", () => {
  it("has versions like one that Terraform wrote, and is found by whoever reads it", async () => {
    await bucket("written", "Enabled");
    await addRole(aws, "writer", [{ actions: ["s3:*"], resources: ["*"] }]);
    const s3 = new S3Client({ ...clientConfig(aws, "writer"), forcePathStyle: true });
    const place = { Bucket: "written", Key: "folder/k" };

    await s3.send(new PutObjectCommand({ ...place, Body: "one" }));
    await s3.send(new PutObjectCommand({ ...place, Body: "two" }));
    expect(String(aws.objects.read("written", "folder/k"))).toBe("two");
    expect(aws.objects.versions("written")).toHaveLength(2);

    await s3.send(new DeleteObjectCommand(place));
    await s3.send(new DeleteObjectCommand({ ...place, Key: "none" }));
    expect(aws.objects.read("written", "folder/k")).toBeUndefined();
    expect(aws.objects.versions("written")).toHaveLength(3);
  });
});

describe("a version of an object", () => {
  it("is read as it was written, with a right of its own, and deleted for good", async () => {
    await bucket("history", "Enabled");
    const [first, second] = [await put("history", "one"), await put("history", "two")];
    const reading = (name: string, ...actions: string[]) =>
      addRole(aws, name, [{ actions, resources: ["arn:aws:s3:::history/*"] }]);
    await reading("historian", "s3:GetObjectVersion", "s3:DeleteObjectVersion");
    await reading("reader", "s3:GetObject");
    const place = (version_id: unknown) => ({ Bucket: "history", Key: "k", VersionId: String(version_id) });
    const clientOf = (role: string) => new S3Client({ ...clientConfig(aws, role), forcePathStyle: true });
    const get = async (role: string, version_id: unknown) => {
      const { Body, VersionId } = await clientOf(role).send(new GetObjectCommand(place(version_id)));
      return [await Body?.transformToString(), VersionId];
    };

    expect(await get("historian", first.version_id)).toEqual(["one", first.version_id]);
    expect(await get("historian", second.version_id)).toEqual(["two", second.version_id]);
    await expect(get("reader", first.version_id)).rejects.toThrow("s3:GetObjectVersion");
    await expect(get("historian", "none")).rejects.toMatchObject({ name: "NoSuchVersion" });

    await clientOf("historian").send(new DeleteObjectCommand(place(second.version_id)));
    expect(String(aws.objects.read("history", "k"))).toBe("one");
    aws.objects.delete("history", "k");
    const [marker] = aws.objects.versions("history").filter((line) => !line.includes(String(first.version_id)));
    await expect(get("historian", marker?.split(" ").at(-1))).rejects.toMatchObject({ name: "MethodNotAllowed" });
    await clientOf("historian").send(new DeleteObjectCommand(place(first.version_id)));
    expect(aws.objects.versions("history")).toEqual([marker]);
  });
});

describe("a bucket", () => {
  it("goes with all versions when it is told to", async () => {
    const made = await bucket("forced", "Enabled", { force_destroy: true });
    await put("forced", "one");
    await put("forced", "two");

    await destroy(aws, "aws_s3_bucket", made);

    expect(contentsOf(aws).filter((line) => line.includes("forced"))).toEqual([]);
  });

  it("keeps one version of a key where versions are off", async () => {
    await bucket("plain", "Suspended");
    const state = await put("plain", "one");
    await change(aws, OBJECT, state, { content: "two" });

    expect(state.version_id).toBe("");
    expect(aws.objects.versions("plain")).toHaveLength(1);
    await destroy(aws, OBJECT, state);
    expect(aws.objects.versions("plain")).toEqual([]);
  });
});

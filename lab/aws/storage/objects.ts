import { createHash, randomBytes } from "node:crypto";
import type { Emulators } from "./emulators.ts";

/** A version of an object, or the marker that a deletion leaves. */
export interface ObjectVersion {
  id: string;
  etag: string;
  deleteMarker: boolean;
  body: Uint8Array;
}

/** The objects of the account's buckets, with the versions that fauxqs does not keep. */
export interface Objects {
  setVersioning(bucket: string, enabled: boolean): void;
  versioned(bucket: string): boolean;
  put(bucket: string, key: string, body: Buffer, contentType: string): { etag: string; versionId: string };
  /** Takes up what fauxqs was just given under a key. */
  noteWritten(bucket: string, key: string): void;
  /** What HeadObject tells of the current version; undefined when there is none. */
  head(bucket: string, key: string): { etag: string; versionId: string } | undefined;
  read(bucket: string, key: string): Uint8Array | undefined;
  /** One version of an object, the current one or not. */
  version(bucket: string, key: string, id: string): ObjectVersion | undefined;
  /** Deletes one version for good; the one before it is current then (S3 guide, deleting object versions). */
  deleteVersion(bucket: string, key: string, id: string): void;
  /** Leaves a delete marker where versions are kept (S3 guide, deleting from versioning-enabled buckets). */
  delete(bucket: string, key: string): void;
  /** Deletes every version and delete marker of one key. */
  deleteVersions(bucket: string, key: string): void;
  /** `KEY version ID` of everything that the bucket holds, delete markers included. */
  versions(bucket: string): string[];
  /** Deletes everything that the bucket holds. */
  empty(bucket: string): void;
}

/** The id that objects of a bucket have that never kept versions. */
const UNVERSIONED = "null";

export function createObjects({ s3 }: Pick<Emulators, "s3">): Objects {
  const kept = new Map<string, Map<string, ObjectVersion[]>>();
  const versioning = new Set<string>();
  const keysOf = (bucket: string) => {
    const keys = kept.get(bucket) ?? new Map<string, ObjectVersion[]>();
    kept.set(bucket, keys);
    return keys;
  };
  const add = (bucket: string, key: string, version: Omit<ObjectVersion, "id">): ObjectVersion => {
    const id = versioning.has(bucket) ? randomBytes(16).toString("base64url") : UNVERSIONED;
    const others = (keysOf(bucket).get(key) ?? []).filter((other) => other.id !== id);
    const added = { id, ...version };
    keysOf(bucket).set(key, [...others, added]);
    return added;
  };
  const current = (bucket: string, key: string) => {
    const last = keysOf(bucket).get(key)?.at(-1);
    return last === undefined || last.deleteMarker ? undefined : last;
  };
  const forget = (bucket: string, key: string) => {
    if (current(bucket, key) !== undefined) s3.deleteObject(bucket, key);
    keysOf(bucket).delete(key);
  };
  return {
    setVersioning(bucket, enabled) {
      if (enabled) versioning.add(bucket);
      else versioning.delete(bucket);
    },
    versioned: (bucket) => versioning.has(bucket),
    put(bucket, key, body, contentType) {
      s3.putObject(bucket, key, body, contentType);
      const { id, etag } = add(bucket, key, {
        etag: createHash("md5").update(body).digest("hex"),
        deleteMarker: false,
        body,
      });
      return { etag, versionId: id };
    },
    noteWritten(bucket, key) {
      const { body } = s3.getObject(bucket, key);
      add(bucket, key, { etag: createHash("md5").update(body).digest("hex"), deleteMarker: false, body });
    },
    head(bucket, key) {
      const found = current(bucket, key);
      return found && { etag: found.etag, versionId: found.id };
    },
    read: (bucket, key) => (current(bucket, key) === undefined ? undefined : s3.getObject(bucket, key).body),
    delete(bucket, key) {
      if (current(bucket, key) === undefined) return;
      if (!versioning.has(bucket)) return forget(bucket, key);
      s3.deleteObject(bucket, key);
      add(bucket, key, { etag: "", deleteMarker: true, body: new Uint8Array() });
    },
    version: (bucket, key, id) =>
      keysOf(bucket)
        .get(key)
        ?.find((version) => version.id === id),
    deleteVersion(bucket, key, id) {
      const before = current(bucket, key);
      const left = (keysOf(bucket).get(key) ?? []).filter((version) => version.id !== id);
      keysOf(bucket).set(key, left);
      if (left.length === 0) keysOf(bucket).delete(key);
      const now = current(bucket, key);
      if (now === before) return;
      if (now === undefined) s3.deleteObject(bucket, key);
      else s3.putObject(bucket, key, Buffer.from(now.body), "application/octet-stream");
    },
    deleteVersions: forget,
    versions: (bucket) =>
      [...keysOf(bucket)].flatMap(([key, versions]) => versions.map(({ id }) => `${key} version ${id}`)),
    empty(bucket) {
      s3.emptyBucket(bucket);
      kept.delete(bucket);
    },
  };
}

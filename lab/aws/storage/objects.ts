import { createHash, randomBytes } from "node:crypto";
import type { Emulators } from "./emulators.ts";

interface Version {
  id: string;
  etag: string;
  deleteMarker: boolean;
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
  const kept = new Map<string, Map<string, Version[]>>();
  const versioning = new Set<string>();
  const keysOf = (bucket: string) => {
    const keys = kept.get(bucket) ?? new Map<string, Version[]>();
    kept.set(bucket, keys);
    return keys;
  };
  const add = (bucket: string, key: string, version: Omit<Version, "id">): Version => {
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
      });
      return { etag, versionId: id };
    },
    noteWritten(bucket, key) {
      const { body } = s3.getObject(bucket, key);
      add(bucket, key, { etag: createHash("md5").update(body).digest("hex"), deleteMarker: false });
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
      add(bucket, key, { etag: "", deleteMarker: true });
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

import type { Account } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import { forward } from "../gateway/forward.ts";
import type { Reply, Service } from "../gateway/service.ts";
import type { RawRequest } from "../gateway/verify-signature.ts";
import type { Iam } from "../iam/iam.ts";
import type { Kms } from "../kms.ts";
import type { Objects } from "./objects.ts";

interface VersionTarget {
  bucket: string;
  key: string;
  versionId: string;
}
type Target = Omit<VersionTarget, "versionId"> & { versionId: string | null };

/** What the service works on, and fauxqs's address. */
export interface S3Deps {
  address: string;
  iam: Iam;
  kms: Kms;
  objects: Objects;
}

/** S3 in path style: authorised here, carried out by fauxqs. */
export function createS3Service(account: Account, { address, iam, kms, objects }: S3Deps): Service {
  return {
    protocol: "rest-xml",
    operationOf(request) {
      const { key } = targetOf(request);
      const operation = key === "" ? BUCKET_OPERATIONS[request.method] : OBJECT_OPERATIONS[request.method];
      if (operation === undefined) {
        throw new AwsError("MethodNotAllowed", 405, "The specified method is not allowed against this resource.");
      }
      return operation;
    },
    async perform(request, { operation, authorize }) {
      const { bucket, key, versionId } = targetOf(request);
      const bucketArn = `arn:${account.partition}:s3:::${bucket}`;
      const action = ACTION_OF[operation] ?? operation;
      await authorize({
        action: `s3:${versionId === null ? action : `${action}Version`}`,
        resource: key === "" ? bucketArn : `${bucketArn}/${key}`,
        resourcePolicy: iam.resourcePolicies.get(bucketArn),
      });
      const actions = KEY_ACTIONS_OF[operation] ?? [];
      const encryptionContext = { "aws:s3:arn": bucketArn };
      // An object has the key that it was written with, a new one that of its bucket.
      const encrypted = operation === "PutObject" ? bucketArn : `${bucketArn}/${key}`;
      await kms.authorizeUse({ service: "s3", resource: encrypted, actions, encryptionContext }, authorize);
      if (versionId !== null && operation !== "PutObject")
        return versionReply(objects, operation, { bucket, key, versionId });
      if (operation === "DeleteObject") objects.delete(bucket, key);
      const reply = await forward(address, request);
      if (operation === "PutObject" && reply.status === 200) objects.noteWritten(bucket, key);
      return reply;
    },
  };
}

/** fauxqs keeps no versions. S3 API reference, GetObject, DeleteObject, error responses. */
function versionReply(objects: Objects, operation: string, { bucket, key, versionId }: VersionTarget): Reply {
  const found = objects.version(bucket, key, versionId);
  const headers = { "x-amz-version-id": versionId };
  if (operation === "DeleteObject") {
    objects.deleteVersion(bucket, key, versionId);
    return { status: 204, headers, body: Buffer.alloc(0) };
  }
  if (found === undefined) throw new AwsError("NoSuchVersion", 404, "The specified version does not exist.");
  if (found.deleteMarker) {
    throw new AwsError("MethodNotAllowed", 405, "The specified method is not allowed against this resource.");
  }
  const whole = { ...headers, etag: `"${found.etag}"`, "content-length": String(found.body.length) };
  return { status: 200, headers: whole, body: operation === "HeadObject" ? Buffer.alloc(0) : Buffer.from(found.body) };
}

const OBJECT_OPERATIONS: Record<string, string> = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};
const BUCKET_OPERATIONS: Record<string, string> = { GET: "ListObjectsV2", HEAD: "HeadBucket" };
/** S3 guide, SSE-KMS: what a call needs of the key. With a bucket key the encryption context is the bucket. */
const KEY_ACTIONS_OF: Record<string, readonly string[]> = {
  GetObject: ["kms:Decrypt"],
  HeadObject: ["kms:Decrypt"],
  PutObject: ["kms:GenerateDataKey"],
};
/** Where the operation and the action of IAM have different names. */
const ACTION_OF: Record<string, string> = {
  HeadObject: "GetObject",
  ListObjectsV2: "ListBucket",
  HeadBucket: "ListBucket",
};

function targetOf(request: RawRequest): Target {
  const url = new URL(request.target, "http://s3");
  const [bucket = "", ...rest] = url.pathname.slice(1).split("/");
  return { bucket, key: decodeURIComponent(rest.join("/")), versionId: url.searchParams.get("versionId") };
}

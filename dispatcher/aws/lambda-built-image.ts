import * as v from "valibot";
import { majorOf } from "../core/image-configuration.ts";
import { type DispatcherError, ThrottledError } from "../errors.ts";
import type { BuiltImage } from "../refresh-ports.ts";
import { awsCall } from "./aws-call.ts";
import { type AwsError, outcomeUnknown } from "./aws-error.ts";
import { describe, detailsOf } from "./classify-aws-error.ts";
import { createLambdaImageVersions } from "./lambda-image-versions.ts";
import { classifyMicrovmError, pathSegment, timestamp } from "./lambda-microvms.ts";
import { readAnswer } from "./read-answer.ts";
import type { AwsCall, SignedFetch } from "./signed-fetch.ts";

/** The newest come first, and nobody has seen more than a handful. */
const PAGE = "maxResults=50";

const image = v.object({
  state: v.picklist([
    ...["CREATING", "CREATED", "CREATE_FAILED", "UPDATING", "UPDATED", "UPDATE_FAILED"],
    ...["DELETING", "DELETED", "DELETE_FAILED"],
  ] as const),
});
const version = v.looseObject({
  codeArtifact: v.looseObject({ uri: v.string() }),
  baseImageArn: v.string(),
  baseImageVersion: v.string(),
  createdAt: timestamp,
});
const builds = v.object({ items: v.array(v.object({ stateReason: v.nullish(v.string()) })) });
const bases = v.object({
  items: v.array(v.object({ imageVersion: v.string(), status: v.nullish(v.picklist(["AVAILABLE", "DEPRECATED"])) })),
});
const updated = v.object({ imageVersion: v.pipe(v.string(), v.regex(/^\d+\.\d+$/)) });

/** One MicroVM image over the REST API of Lambda MicroVMs. */
export function createLambdaBuiltImage(fetch: SignedFetch, imageArn: string): BuiltImage {
  const path = `/2025-09-09/microvm-images/${pathSegment(imageArn)}`;
  const pathOf = (name: string) => `${path}/versions/${pathSegment(name)}`;
  const versions = createLambdaImageVersions(fetch);

  async function call<Schema extends v.GenericSchema<unknown, unknown>>(
    answer: Schema,
    request: AwsCall,
    of = request.operation,
  ): Promise<v.InferOutput<Schema>> {
    const body = await awsCall(fetch(request), (error) => classifyImageError(error, of));
    return readAnswer(answer, of, body);
  }

  return {
    state: async () => (await call(image, { operation: "GetMicrovmImage", method: "GET", path })).state,
    versions: () => versions.list(imageArn),
    async show(name) {
      const what = `GetMicrovmImageVersion of ${name}`;
      const shown = await call(v.record(v.string(), v.unknown()), {
        ...{ operation: "GetMicrovmImageVersion", method: "GET", path: pathOf(name) },
      });
      const { codeArtifact, baseImageArn, baseImageVersion, createdAt } = readAnswer(version, what, shown);
      return { configuration: shown, uri: codeArtifact.uri, baseImageArn, baseImageVersion, createdAt };
    },
    async failures(name) {
      const request = {
        operation: "ListMicrovmImageBuilds",
        method: "GET",
        path: `${pathOf(name)}/builds?${PAGE}`,
      } as const;
      const { items } = await call(builds, request);
      return [...new Set(items.flatMap(({ stateReason }) => (stateReason ? [stateReason] : [])))];
    },
    async bases(baseImageArn) {
      const { items } = await call(bases, {
        operation: "ListManagedMicrovmImageVersions",
        method: "GET",
        path: `/2025-09-09/managed-microvm-images/${pathSegment(baseImageArn)}/versions?${PAGE}`,
      });
      return items.flatMap(({ imageVersion, status }) => (status ? [{ major: majorOf(imageVersion), status }] : []));
    },
    async update(body, clientToken) {
      const request: AwsCall = {
        ...{ operation: "UpdateMicrovmImage", method: "PUT", path, body: { ...body, clientToken } },
        headers: { "content-type": "application/json" },
        // The same token names the same version, so what was not answered is asked again.
        isRetryable: outcomeUnknown,
      };
      return (await call(updated, request)).imageVersion;
    },
    async deactivate(name) {
      await call(v.unknown(), {
        ...{
          operation: "UpdateMicrovmImageVersion",
          method: "PATCH",
          path: pathOf(name),
          body: { status: "INACTIVE" },
        },
        headers: { "content-type": "application/json" },
      });
    },
  };
}

/** The service says that an image is busy as a Conflict, and in these words too. */
const BUSY = /in its current state|is in state (?:CREATING|UPDATING|DELETING)/i;

function classifyImageError(error: AwsError, what: string): DispatcherError {
  if (error.code !== "ValidationException" || !BUSY.test(error.message)) return classifyMicrovmError(error, what);
  return new ThrottledError(`${what} has to wait: ${describe(error.code, error.message)}`, {
    details: detailsOf(error),
    reason: "image",
  });
}

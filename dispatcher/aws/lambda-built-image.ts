import * as v from "valibot";
import { majorOf } from "../core/image-configuration.ts";
import type { BuiltImage } from "../ports.ts";
import { createLambdaImageVersions } from "./lambda-image-versions.ts";
import { classifyMicrovmError, timestamp } from "./lambda-microvms.ts";
import { outcomeUnknown } from "./transport/aws-error.ts";
import { anyAnswer, createRestRpc, pathSegment } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

/** The newest come first, and nobody has seen more than a handful. */
const PAGE = { maxResults: "50" };

const image = v.object({
  state: v.picklist([
    ...["CREATING", "CREATED", "CREATE_FAILED", "UPDATING", "UPDATED", "UPDATE_FAILED"],
    ...["DELETING", "DELETED", "DELETE_FAILED"],
  ] as const),
});
/** What nobody here knows is kept: an update resets whatever it leaves out. */
const shown = v.looseObject({
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
  const rpc = createRestRpc(fetch, classifyMicrovmError);
  const path = `/2025-09-09/microvm-images/${pathSegment(imageArn)}`;
  const pathOf = (version: string) => `${path}/versions/${pathSegment(version)}`;
  const versions = createLambdaImageVersions(fetch);
  return {
    async state() {
      const what = "GetMicrovmImage";
      return (await rpc({ operation: { name: what, method: "GET", path }, answer: image, what })).state;
    },
    versions: () => versions.list(imageArn),
    async show(version) {
      const { createdAt, ...configuration } = await rpc({
        operation: { name: "GetMicrovmImageVersion", method: "GET", path: pathOf(version) },
        answer: shown,
        what: `GetMicrovmImageVersion of ${version}`,
      });
      const { codeArtifact, baseImageArn, baseImageVersion } = configuration;
      return { configuration, uri: codeArtifact.uri, baseImageArn, baseImageVersion, createdAt };
    },
    async failures(version) {
      const { items } = await rpc({
        operation: { name: "ListMicrovmImageBuilds", method: "GET", path: `${pathOf(version)}/builds`, query: PAGE },
        answer: builds,
        what: `ListMicrovmImageBuilds of ${version}`,
      });
      return [...new Set(items.flatMap(({ stateReason }) => (stateReason ? [stateReason] : [])))];
    },
    async bases(baseImageArn) {
      const what = "ListManagedMicrovmImageVersions";
      const managed = `/2025-09-09/managed-microvm-images/${pathSegment(baseImageArn)}/versions`;
      const { items } = await rpc({
        operation: { name: what, method: "GET", path: managed, query: PAGE },
        answer: bases,
        what,
      });
      return items.flatMap(({ imageVersion, status }) => (status ? [{ major: majorOf(imageVersion), status }] : []));
    },
    async update(body, clientToken) {
      const what = "UpdateMicrovmImage";
      const { imageVersion } = await rpc({
        operation: { name: what, method: "PUT", path },
        input: { ...body, clientToken },
        answer: updated,
        what,
        // The same token names the same version, so what was not answered is asked again.
        isRetryable: outcomeUnknown,
      });
      return imageVersion;
    },
    async deactivate(version) {
      await rpc({
        operation: { name: "UpdateMicrovmImageVersion", method: "PATCH", path: pathOf(version) },
        input: { status: "INACTIVE" },
        answer: anyAnswer,
        what: `UpdateMicrovmImageVersion of ${version}`,
      });
    },
  };
}

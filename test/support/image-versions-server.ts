import type { MicrovmState } from "../../dispatcher/core/views.ts";
import { type DispatcherError, ThrottledError } from "../../dispatcher/errors.ts";
import type { MemoryImageVersions } from "../../lab/world/services/memory-image-versions.ts";
import { type LocalServer, type Reply, type SeenRequest, startLocalServer } from "./local-server.ts";

const VERSIONS = /^\/2025-09-09\/microvm-images\/([^/:]+)\/versions(?:\/([^/:]+))?$/;

/** The REST API's part about versions over an image in memory, in pages of `pageSize` at most. */
export function startImageVersionsServer(
  memory: MemoryImageVersions,
  microvms: readonly { state: MicrovmState; imageVersion: string }[],
  pageSize = 50,
): Promise<LocalServer> {
  return startLocalServer(async (request) => {
    try {
      return await route(memory, microvms, pageSize, request);
    } catch (error: unknown) {
      return errorReply(error as DispatcherError);
    }
  });
}

async function route(
  memory: MemoryImageVersions,
  microvms: readonly { state: MicrovmState; imageVersion: string }[],
  pageSize: number,
  { method, path, query }: SeenRequest,
): Promise<Reply> {
  if (path === "/2025-09-09/microvms") {
    const imageArn = query.get("imageIdentifier") ?? "";
    await memory.inUse(imageArn);
    return page(
      microvms.map((each, index) => ({ ...each, microvmId: `microvm-${index}`, imageArn, startedAt: 1_767_268_800 })),
      query,
      pageSize,
    );
  }
  const [, encodedArn = "", encodedVersion] = VERSIONS.exec(path) ?? [];
  const imageArn = decodeURIComponent(encodedArn);
  if (method === "GET" && encodedVersion === undefined) {
    const items = (await memory.list(imageArn)).map(({ version, createdAt, ...rest }) => ({
      ...rest,
      imageArn,
      imageVersion: version,
      createdAt: createdAt.getTime() / 1_000,
    }));
    return page(items, query, pageSize);
  }
  const imageVersion = decodeURIComponent(encodedVersion ?? "");
  const isKnown = memory.left().includes(imageVersion);
  await memory.delete(imageArn, imageVersion);
  if (!isKnown) return awsError(404, "ResourceNotFoundException", `MicroVM image version ${imageVersion} not found`);
  return { status: 200, body: JSON.stringify({ imageIdentifier: imageArn, imageVersion, state: "DELETING" }) };
}

// Tokens end in `=`, which a query has to encode.
function page(items: object[], query: URLSearchParams, pageSize: number): Reply {
  const start = Number((query.get("nextToken") ?? "0=").replace(/=$/, ""));
  const end = start + Math.min(pageSize, Number(query.get("maxResults") ?? 10));
  const nextToken = end < items.length ? `${end}=` : null;
  return { status: 200, body: JSON.stringify({ items: items.slice(start, end), nextToken }) };
}

function errorReply(error: DispatcherError): Reply {
  if (error instanceof ThrottledError) {
    return error.reason === "image"
      ? awsError(409, "ConflictException", error.message)
      : awsError(429, "ThrottlingException", "Rate exceeded");
  }
  if (error.name === "NotFoundError") return awsError(404, "ResourceNotFoundException", error.message);
  if (error.name === "TransientError") return "drop";
  return awsError(400, "ValidationException", error.message);
}

function awsError(status: number, name: string, message: string): Reply {
  return { status, headers: { "x-amzn-errortype": name }, body: JSON.stringify({ message }) };
}

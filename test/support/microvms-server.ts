import type { RunMicrovmInput } from "../../dispatcher/core/job.ts";
import type { Microvm } from "../../dispatcher/core/views.ts";
import { type DispatcherError, ThrottledError } from "../../dispatcher/errors.ts";
import type { MemoryMicrovms } from "../../lab/world/services/memory-microvms.ts";
import { type LocalServer, type Reply, type SeenRequest, startLocalServer } from "./local-server.ts";

const BASE = "/2025-09-09/microvms";

/** The REST API of Lambda MicroVMs over MicroVMs in memory. */
export function startMicrovmsServer(microvms: MemoryMicrovms): Promise<LocalServer> {
  return startLocalServer(async (request) => {
    try {
      return await route(microvms, request);
    } catch (error: unknown) {
      return errorReply(error as DispatcherError);
    }
  });
}

async function route(microvms: MemoryMicrovms, request: SeenRequest): Promise<Reply> {
  const microvmId = decodeURIComponent(request.path.slice(BASE.length + 1));
  if (request.method === "POST" && request.path === BASE) {
    return answer(await microvms.run(readInput(request.body)));
  }
  const microvm = await microvms.get(microvmId);
  if (microvm === undefined) return awsError(404, "ResourceNotFoundException", `MicroVM ${microvmId} not found`);
  if (request.method === "GET") return answer(microvm);
  await microvms.terminate(microvmId);
  return { status: 200, body: "{}" };
}

function readInput(body: string): RunMicrovmInput {
  const request = JSON.parse(body) as Record<string, string & number & string[]> & {
    logging: { cloudWatch: { logGroup: string } };
  };
  const text = (name: string) => String(request[name] ?? "");
  const first = (name: string) => String(request[name]?.[0] ?? "");
  const input = {
    imageArn: text("imageIdentifier"),
    execRoleArn: text("executionRoleArn"),
    ingressConnectorArn: first("ingressNetworkConnectors"),
    egressConnectorArn: first("egressNetworkConnectors"),
    logGroup: request.logging.cloudWatch.logGroup,
    runHookPayload: text("runHookPayload"),
    maxDurationSeconds: Number(request.maximumDurationInSeconds),
    clientToken: text("clientToken"),
  };
  return request.imageVersion === undefined ? input : { ...input, imageVersion: text("imageVersion") };
}

function answer({ microvmId, state, imageVersion, startedAt, terminatedAt, stateReason }: Microvm): Reply {
  return {
    status: 200,
    body: JSON.stringify({
      microvmId,
      state,
      endpoint: `${microvmId}.lambda-microvm.eu-west-1.on.aws`,
      imageArn: "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner",
      imageVersion,
      maximumDurationInSeconds: 3_600,
      ...(startedAt ? { startedAt: startedAt.getTime() / 1_000 } : {}),
      ...(terminatedAt ? { terminatedAt: terminatedAt.getTime() / 1_000 } : {}),
      ...(stateReason ? { stateReason } : {}),
    }),
  };
}

// The service's own names, statuses and words for what the MicroVMs in memory refuse.
function errorReply(error: DispatcherError): Reply {
  if (error instanceof ThrottledError) {
    switch (error.reason) {
      case "rate":
        return awsError(429, "ThrottlingException", "Rate exceeded");
      case "quota":
        return awsError(402, "ServiceQuotaExceededException", "You have exceeded a service quota");
      case "capacity":
        return awsError(500, "InsufficientCapacityException", "There is insufficient capacity");
      case "image":
        return awsError(404, "ResourceNotFoundException", "No active version found");
    }
  }
  const reused = "The provided clientToken was used with different request parameters.";
  if (error.name === "ClientTokenReusedError") return awsError(400, "ValidationException", reused);
  if (error.name === "TransientError") return "drop";
  return awsError(400, "ValidationException", error.message);
}

function awsError(status: number, name: string, message: string): Reply {
  return {
    status,
    headers: { "x-amzn-errortype": `${name}:http://internal.amazon.com/` },
    body: JSON.stringify({ message }),
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsError } from "./aws-error.ts";
import type { LabClock } from "./clock.ts";
import type { EventLog } from "./event-log.ts";
import { type CallFilter, type CallHook, createCallHooks, type GatewayCall } from "./gateway/call-hooks.ts";
import { errorReply } from "./gateway/error-reply.ts";
import { NoAnswer, type Protocol, type Reply, type Service } from "./gateway/service.ts";
import {
  type CredentialScope,
  type RawRequest,
  readAuthorization,
  verifySignature,
} from "./gateway/verify-signature.ts";
import type { Caller, Iam } from "./iam/iam.ts";

export interface Gateway {
  /** What a client is given as AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** Runs `hook` at the calls that `filter` matches; the answer removes it. */
  onCall(filter: CallFilter, hook: CallHook): () => void;
  /** Kills the process that made the call, as a crash at this very point would. */
  killCallerOf(call: GatewayCall): void;
  /** Calls that got past the signature check, oldest first. */
  calls(): readonly GatewayCall[];
  stop(): Promise<void>;
}

export interface GatewayOptions {
  iam: Iam;
  clock: LabClock;
  events: EventLog;
  region: string;
  /** By SigV4 signing name. */
  services: Record<string, Service>;
}

/** Larger bodies than any service takes are cut off: S3 PutObject in one part takes 5 GB, our artifacts a few MB. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Starts the one endpoint of all services: it verifies the signature, authorises and forwards. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const hooks = createCallHooks();
  const calls: GatewayCall[] = [];

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      process.stderr.write(`lab gateway: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      if (!response.headersSent) {
        send(response, errorReply("json", new AwsError("InternalFailure", 500, "the lab's own fault; see stderr")));
      }
    });
  });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    let protocol: Protocol = protocolGuess(request);
    let call: GatewayCall | undefined;
    let reply: Reply;
    try {
      const scope = readAuthorization(request.headers.authorization);
      const service = options.services[scope.service];
      if (service === undefined) {
        throw new AwsError("UnknownOperationException", 404, `the lab has no service ${scope.service}`);
      }
      protocol = service.protocol;
      const caller = await authenticate(options, request, scope);
      const operation = service.operationOf(request);
      call = begin(scope.service, operation, caller, request);
      const before = await hooks.run("before", call);
      if (before === "disconnect" || call.killed) return void incoming.socket.destroy();
      if (before !== undefined) throw before.fail;
      reply = await service.perform(request, {
        caller,
        operation,
        authorize: (access) => options.iam.authorize(caller, access),
      });
    } catch (error: unknown) {
      if (error instanceof NoAnswer) return void incoming.socket.destroy();
      if (!(error instanceof AwsError)) throw error;
      reply = errorReply(protocol, error);
    }
    if (call !== undefined) {
      call.reply = reply;
      options.events.emit("aws.call", {
        service: call.service,
        operation: call.operation,
        role: call.caller.roleName,
        status: reply.status,
      });
      const after = await hooks.run("after", call);
      if (after === "disconnect") return void incoming.socket.destroy();
      if (after !== undefined) reply = errorReply(protocol, after.fail);
    }
    send(response, reply);
  }

  function begin(service: string, operation: string, caller: Caller, request: RawRequest): GatewayCall {
    const call: GatewayCall = {
      id: calls.length + 1,
      at: options.clock.now(),
      service,
      operation,
      caller,
      request,
      body: request.body,
    };
    calls.push(call);
    return call;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has an address of this form
  return {
    endpoint: `http://127.0.0.1:${port}`,
    onCall: hooks.on,
    killCallerOf(call) {
      if (call.caller.kill === undefined) {
        throw new Error(`call ${call.id} (${call.operation}) was not made by a process of the lab; nothing to kill`);
      }
      call.killed = true;
      call.caller.kill();
    },
    calls: () => calls,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function authenticate(
  options: Pick<GatewayOptions, "iam" | "region">,
  request: RawRequest,
  scope: CredentialScope,
): Promise<Caller> {
  const caller = options.iam.caller(scope.accessKeyId);
  if (caller === undefined) {
    throw new AwsError("UnrecognizedClientException", 403, "The security token included in the request is invalid.");
  }
  if (scope.region !== options.region) {
    throw new AwsError(
      "InvalidSignatureException",
      403,
      `Credential should be scoped to a valid region, not '${scope.region}'.`,
    );
  }
  await verifySignature(request, scope, caller);
  return caller;
}

// Before the service is known, an error still has to have a form: S3's clients read XML, all others JSON.
function protocolGuess(request: RawRequest): Protocol {
  return request.headers["x-amz-target"] === undefined ? "rest-json" : "json";
}

async function readRequest(incoming: IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) incoming.destroy(new Error("request body too large for the lab"));
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return { method: incoming.method ?? "GET", target: incoming.url ?? "/", headers, body: Buffer.concat(chunks) };
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers, "content-length": String(reply.body.length) });
  response.end(reply.body);
}

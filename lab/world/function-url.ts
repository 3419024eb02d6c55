import { createHmac } from "node:crypto";
import type { FinishCall } from "../../contract/finish-call.ts";
import { receiveRequest } from "../../dispatcher/flows/receive-request.ts";
import { readClasses } from "../../dispatcher/handlers/read-classes.ts";
import { rememberRecent } from "../../dispatcher/recent.ts";
import { cacheSecret } from "../../dispatcher/secret-cache.ts";
import type { Invocation } from "./call-gate.ts";
import type { Parts } from "./parts.ts";
import { functionUrlEvent } from "./services/function-url-event.ts";

/** The webhook function behind its URL. */
export interface FunctionUrl {
  /** The status that GitHub gets. */
  deliver(body: string, deliveryId: string): Promise<number>;
  /** Whether it was taken. */
  finish(call: FinishCall): Promise<boolean>;
}

/** Every request is one invocation of the function, which may be throttled, or die, like any other. */
export function createFunctionUrl(parts: Parts, onAnswer: () => void): FunctionUrl {
  const { gate, lambda, queue, secrets, tally } = parts;

  function request(event: ReturnType<typeof functionUrlEvent>): Promise<number> {
    const answer = parts.options.urlAnswers?.(parts.time.now());
    if (answer !== undefined) return Promise.resolve(answer);
    if (!lambda.start()) {
      tally.note("function throttled");
      return Promise.resolve(429);
    }
    return new Promise((resolve) => {
      const settle = (status: number) => {
        if (invocation.dead) return;
        invocation.dead = true;
        lambda.end();
        resolve(status);
      };
      const invocation: Invocation = { dead: false, kill: () => settle(502), duplicate: () => {} };
      const clock = lambda.clock();
      const parameters = gate.guard("ssm", { get: async () => secrets.accepted() }, invocation);
      const environment = { ...parts.environment, ...parts.classes.webhook };
      const documents = gate.guard("ssm", { get: async (name: string) => parts.classes.read(name) }, invocation);
      const deps = {
        environment,
        classes: readClasses(documents, environment.CLASSES_PARAM),
        secrets: cacheSecret(clock, () => parameters.get()),
        queue: gate.guard("queue", queue, invocation),
        // Every request meets another execution environment, which remembers nothing.
        finished: rememberRecent(1),
        clock,
        log: parts.logOf("webhook"),
      };
      void receiveRequest(deps, event).then((answer) => {
        settle(typeof answer === "object" ? (answer.statusCode ?? 200) : 200);
        onAnswer();
      });
    });
  }

  return {
    deliver(body, deliveryId) {
      const headers = {
        "content-type": "application/json",
        "x-github-event": "workflow_job",
        "x-github-delivery": deliveryId,
        "x-hub-signature-256": `sha256=${createHmac("sha256", secrets.signing()).update(body).digest("hex")}`,
      };
      return request(functionUrlEvent({ body, headers }));
    },
    finish: async (call) => (await request(functionUrlEvent({ path: "/finish", body: JSON.stringify(call) }))) < 300,
  };
}

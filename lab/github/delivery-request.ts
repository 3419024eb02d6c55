import { createHmac } from "node:crypto";
import { GHES_VERSION } from "./ghes-version.ts";
import type { Hook } from "./hooks.ts";

/** The request by which an event reaches a hook: body and headers, signed with the hook's secret of today. */
export function deliveryRequest(
  hook: Hook,
  { event, payload }: { event: string; payload: object },
  guid: string,
  ghes: boolean,
): { headers: Record<string, string>; body: string } {
  const body = encodeBody(hook, payload);
  return { headers: headersOf(hook, event, guid, body, ghes), body };
}

function encodeBody(hook: Hook, payload: object): string {
  const text = JSON.stringify(payload);
  return hook.contentType === "json" ? text : new URLSearchParams({ payload: text }).toString();
}

function headersOf(hook: Hook, event: string, guid: string, body: string, ghes: boolean): Record<string, string> {
  const { target, secret, contentType } = hook;
  const sign = (algorithm: string, key: string) =>
    `${algorithm}=${createHmac(algorithm, key).update(body, "utf8").digest("hex")}`;
  const [type, id] =
    target.kind === "app"
      ? ["integration", target.app.id]
      : target.kind === "organization"
        ? ["organization", target.owner.id]
        : ["repository", target.repository.id];
  return {
    accept: "*/*",
    "content-type": contentType === "json" ? "application/json" : "application/x-www-form-urlencoded",
    "user-agent": "GitHub-Hookshot/7f4c2e1",
    "x-github-delivery": guid,
    "x-github-event": event,
    "x-github-hook-id": String(hook.id),
    "x-github-hook-installation-target-id": String(id),
    "x-github-hook-installation-target-type": String(type),
    ...(ghes ? { "x-github-enterprise-host": "github.example.com", "x-github-enterprise-version": GHES_VERSION } : {}),
    ...(secret === undefined
      ? {}
      : { "x-hub-signature": sign("sha1", secret), "x-hub-signature-256": sign("sha256", secret) }),
  };
}

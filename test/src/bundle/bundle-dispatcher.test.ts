import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleDispatcher, DISPATCHER_ENTRIES } from "../../../src/bundle/bundle-dispatcher.ts";
import { bundleWithInputs } from "../../../src/bundle/bundle-script.ts";
import { smaller } from "../../../src/bundle/smaller.ts";

const HANDLERS = {
  "dispatcher.js": ["handler"],
  "scheduled.js": ["prune", "redeliver", "refresh"],
  "webhook.js": ["handler"],
};

let folder: string;
let files: Map<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dispatcher-"));
  files = await bundleDispatcher();
  for (const [name, text] of files) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

describe("bundleDispatcher", () => {
  it("gives one file to each entry, and no other", () => {
    expect([...files.keys()].sort()).toEqual(Object.keys(DISPATCHER_ENTRIES).sort());
  });

  it.each(Object.entries(HANDLERS))("gives %s the handlers that the functions name", (name, handlers) => {
    const loaded = createRequire(import.meta.url)(join(folder, name)) as Record<string, unknown>;

    for (const handler of handlers) expect(typeof loaded[handler], handler).toBe("function");
  });

  it.each(["dispatcher.js", "webhook.js"])("lets %s start from one file", (name) => {
    expect(required(name).filter((path) => !path.startsWith("node:"))).toEqual([]);
  });

  it("lets scheduled.js take what it shares from the dispatcher's file", () => {
    expect(required("scheduled.js")).toContain("./dispatcher.js");
    expect(files.get("dispatcher.js")).toContain("InvalidSignatureException");
    expect(files.get("scheduled.js")).not.toContain("InvalidSignatureException");
  });

  it("puts nothing of the other functions into the webhook's file, not even their schemas", async () => {
    const { inputs, text } = await bundleWithInputs(DISPATCHER_ENTRIES["webhook.js"]);

    expect(smaller("webhook.js", text) === files.get("webhook.js")).toBe(true);
    expect(inputs).toContain("dispatcher/flows/receive-delivery.ts");
    const foreign =
      /refresh|redeliver|prune|plan-|octokit|dynamodb|microvm|job-session|contract\/(?:limits|permissions|run-payload|runner-env)/;
    expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
    for (const variable of ["TABLE_NAME", "CODE_BUCKET", "HOOKS_PARAM", "IMAGE_VERSIONS_KEPT", "private_key"]) {
      expect(text, variable).not.toContain(variable);
    }
  });

  it("puts nothing that a schedule alone invokes into the dispatcher's file", async () => {
    const { inputs, text: alone } = await bundleWithInputs(DISPATCHER_ENTRIES["dispatcher.js"]);

    expect(
      inputs.filter((path) => /refresh\.ts|redeliver|prune|begin-build|built-image|s3-code|zip\.ts/.test(path)),
    ).toEqual(["dispatcher/aws/dynamodb-refresh.ts"]);
    for (const event of ["prune.ended", "redelivery.put_off", "refresh.checked"]) {
      expect(files.get("dispatcher.js")).not.toContain(event);
      expect(files.get("scheduled.js")).toContain(event);
    }
    // A source file of which both need something stands there with all that either needs.
    expect(files.get("dispatcher.js")?.length).toBeLessThan(1.05 * alone.length);
  });
});

function required(name: string): string[] {
  return [...(files.get(name) ?? "").matchAll(/\brequire\("([^"]+)"\)/g)].map(([, path = ""]) => path);
}

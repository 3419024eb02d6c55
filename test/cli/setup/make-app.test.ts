import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adoptApp, problemWithApp, storeKey } from "../../../cli/setup/make-app.ts";
import { TransientError } from "../../../dispatcher/errors.ts";
import { createAppKey } from "../../support/app-key.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { memoryContext, RECORD } from "./memory-context.ts";
import { scriptedTerminal } from "./scripted-terminal.ts";

const KEY = "/gha-microvm/github-app-key";
const NEEDED = { actions: "read", administration: "write", metadata: "read", organization_hooks: "write" };
const ours = { owner: { login: "My-Org", id: 5 }, permissions: NEEDED };
const { pkcs1 } = createAppKey();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "make-app-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("an App that GitHub handed out", () => {
  it("is good with what is needed, or more", () => {
    expect(problemWithApp(ours, RECORD)).toBeUndefined();
    expect(problemWithApp({ ...ours, permissions: { ...NEEDED, actions: "write" } }, RECORD)).toBeUndefined();
  });

  it("is not, with another owner or without a permission", () => {
    const { actions: _, ...few } = NEEDED;
    expect(problemWithApp({ ...ours, permissions: few }, RECORD)).toMatch(/the App lacks .*[Aa]ctions/);
    expect(problemWithApp({ ...ours, permissions: { ...NEEDED, administration: "read" } }, RECORD)).toMatch(/lacks/);
    expect(problemWithApp({ ...ours, owner: { login: "other", id: 6 } }, RECORD)).toBe(
      "the App belongs to other, not to my-org",
    );
  });
});

describe("a key that cannot be stored", () => {
  /** An account that refuses it so many times, and what the person types each time. */
  function begin(refusals: number, answer: string, isInteractive = true) {
    let left = refusals;
    const terminal = scriptedTerminal([[/Press Enter/, answer]], isInteractive);
    const memory = memoryContext({
      terminal,
      writer: {
        async putParameter({ name, value }) {
          if (left-- > 0) throw new TransientError("no answer");
          memory.parameters.set(name, value);
        },
      },
    });
    return { ...memory, run: () => storeKey(memory.context, RECORD, memory.context.keyPlace("ssm"), pkcs1) };
  }

  it("is tried again for as long as the person says so", async () => {
    const { run, parameters, terminal } = begin(2, "");
    await run();
    expect(parameters.get(KEY)).toBe(pkcs1);
    expect(terminal.text().match(/could not be stored/g)).toHaveLength(2);
  });

  it("is written to a file that was not there, for its owner alone", async () => {
    const path = join(folder, "held.pem");
    await expect(begin(1, path).run()).rejects.toThrow(`the key is in ${path}`);
    expect(await readFile(path, "utf8")).toBe(pkcs1);
    await expect(begin(1, path).run()).rejects.toThrow(/EEXIST/);
  });

  it("is lost where nobody can be asked, which is said", async () => {
    await expect(begin(1, "", false).run()).rejects.toThrow("the key is lost with this command");
  });

  it("is none where another set-up wrote its own meanwhile", async () => {
    const memory = memoryContext({
      terminal: scriptedTerminal([], false),
      writer: { putParameter: async () => undefined },
    });
    memory.parameters.set(KEY, "another");
    const stored = storeKey(memory.context, RECORD, memory.context.keyPlace("ssm"), pkcs1);
    await expect(stored).rejects.toThrow("the key is lost");
    expect(memory.terminal.text()).toContain("another set-up runs at the same time");
  });

  it("is no matter of storing where the command itself is broken", async () => {
    const writer = {
      async putParameter() {
        throw new TypeError("broken");
      },
    };
    const { context } = memoryContext({ writer });
    await expect(storeKey(context, RECORD, context.keyPlace("ssm"), pkcs1)).rejects.toThrow(TypeError);
  });
});

describe("an App that is there already", () => {
  async function adopt(permissions: Record<string, string>, keyFile: string) {
    const server = await startLocalServer(() => ({
      status: 200,
      body: JSON.stringify({ ...ours, permissions, slug: "runners", html_url: "https://github.com/apps/runners" }),
    }));
    const memory = memoryContext({ github: server.url });
    const place = memory.context.keyPlace("ssm");
    try {
      return { ...memory, made: await adoptApp(memory.context, RECORD, place, { appId: "8", keyFile }) };
    } finally {
      await server.close();
    }
  }

  it("is taken with its key, and remembered", async () => {
    const file = join(folder, "app.pem");
    await writeFile(file, pkcs1);
    const { made, parameters, terminal } = await adopt(NEEDED, file);
    expect(made).toMatchObject({ pem: pkcs1, record: { appId: "8", slug: "runners", ownerId: 5 } });
    expect(parameters.get(KEY)).toBe(pkcs1);
    expect(terminal.text()).toContain(`The file ${file} is not needed any more`);
  });

  it("is not where it may do too little, or its key cannot be read", async () => {
    const file = join(folder, "app.pem");
    await writeFile(file, pkcs1);
    await expect(adopt({ metadata: "read" }, file)).rejects.toThrow(/the App lacks .*permissions, accept the change/);
    await expect(adopt(NEEDED, join(folder, "none.pem"))).rejects.toThrow(/none\.pem could not be read \(ENOENT\)/);
  });
});

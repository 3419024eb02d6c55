import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordName, type SetupRecord } from "../../../cli/setup/core/setup-record.ts";
import { fingerprint } from "../../../cli/setup/fingerprint.ts";
import { rotateKey } from "../../../cli/setup/rotate-key.ts";
import { createAppKey } from "../../support/app-key.ts";
import { type LocalServer, startLocalServer } from "../../support/local-server.ts";
import { type MemoryContextOptions, memoryContext } from "./memory-context.ts";
import { scriptedTerminal } from "./scripted-terminal.ts";

const [old, renewed, wrapping] = [createAppKey(), createAppKey(), createAppKey()];
const KEY = "/gha-microvm/github-app-key";
const APP = {
  ...{ slug: "runners", html_url: "https://github.com/apps/runners", permissions: {} },
  owner: { login: "my-org", id: 5 },
};

let folder: string;
let file: string;
let server: LocalServer;
let status: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rotate-key-"));
  file = join(folder, "new.pem");
  await writeFile(file, renewed.pkcs1);
  status = 200;
  server = await startLocalServer(() => ({
    status,
    body: JSON.stringify(status === 200 ? APP : { message: "refused" }),
  }));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Rotates to the new file's key, in an account where the old one is kept. */
function begin(record: Partial<SetupRecord>, options: MemoryContextOptions = {}) {
  const memory = memoryContext({ github: server.url, flags: { keyFile: file }, ...options });
  memory.keep(record);
  memory.parameters.set(KEY, old.pkcs1);
  return { ...memory, run: () => rotateKey(memory.context) };
}

describe("a new key of the App", () => {
  it("takes the old one's place in the account, and the old one is named", async () => {
    const { run, parameters, terminal } = begin({});
    expect(await run()).toBe(0);
    expect(parameters.get(KEY)).toBe(renewed.pkcs1);
    expect(terminal.text()).toContain(`delete the key ${fingerprint(old.pkcs1)}`);
    expect(terminal.text()).not.toContain("terraform apply");
  });

  it("comes from the file that a person names", async () => {
    const terminal = scriptedTerminal([[/File of the new key/, file]]);
    const { run, parameters } = begin({}, { flags: {}, terminal });
    expect(await run()).toBe(0);
    expect(parameters.get(KEY)).toBe(renewed.pkcs1);
  });

  it("is waited for where nobody can be asked", async () => {
    const { run, parameters, terminal } = begin({}, { flags: {}, terminal: scriptedTerminal([], false) });
    expect(await run()).toBe(3);
    expect(terminal.text()).toContain("/organizations/my-org/settings/apps/runners");
    expect(parameters.get(KEY)).toBe(old.pkcs1);
  });

  it("takes the place of none where none was stored", async () => {
    const { run, parameters, terminal } = begin({});
    parameters.set(KEY, "pending");
    expect(await run()).toBe(0);
    expect(terminal.text()).toContain("delete the key the older one");
  });

  it("is written into its file, for Terraform to read", async () => {
    const keyAt = join(folder, "app.pem");
    await writeFile(keyAt, old.pkcs1);
    const { run, terminal } = begin({ key: "file", keyAt });
    expect(await run()).toBe(0);
    expect(await readFile(keyAt, "utf8")).toBe(renewed.pkcs1);
    expect(terminal.text()).toMatch(/\n {2}terraform apply\n/);
  });

  it("takes another KMS key, which Terraform is told of", async () => {
    const imported: string[] = [];
    const { run, parameters, terminal } = begin(
      { key: "kms", keyAt: "arn:old" },
      {
        flags: { keyFile: file },
        writer: {
          createSigningKey: async () => "arn:new",
          importParameters: async () => ({
            token: "token",
            publicKey: Buffer.from(wrapping.publicKey.replaceAll(/-----.*-----|\n/g, ""), "base64"),
          }),
          importKeyMaterial: async (arn) => void imported.push(arn),
        },
      },
    );
    expect(await run()).toBe(0);
    expect(imported).toEqual(["arn:new"]);
    expect(JSON.parse(parameters.get(recordName("gha-microvm")) ?? "")).toMatchObject({ keyAt: "arn:new" });
    expect(terminal.text()).toContain('kms_signing_key_arn = "arn:new"');
  });
});

describe("nothing is changed", () => {
  it("where no set-up was made", async () => {
    const { context } = memoryContext();
    await expect(rotateKey(context)).rejects.toThrow("was not set up by this command");
  });

  it("where the file cannot be read", async () => {
    const { run } = begin({}, { flags: { keyFile: join(folder, "none.pem") } });
    await expect(run()).rejects.toThrow(/none\.pem could not be read \(ENOENT\)/);
  });

  it("where it is the key that is there", async () => {
    const { run, parameters } = begin({});
    parameters.set(KEY, renewed.pkcs1);
    await expect(run()).rejects.toThrow("is the key that is there already");
  });

  it.each([
    [401, /GitHub refuses the key of App 7 \(401: /],
    [404, /GitHub refuses the key of App 7 \(404: /],
    [403, /GitHub did not say anything of App 7 \(403: /],
  ])("where GitHub answers the key with %i", async (answered, text) => {
    status = answered;
    const { run, parameters } = begin({});
    await expect(run()).rejects.toThrow(text);
    expect(parameters.get(KEY)).toBe(old.pkcs1);
  });
});

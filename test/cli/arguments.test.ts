import { describe, expect, it } from "vitest";
import { type CliOptions, runCli } from "../../cli/run-cli.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { scriptedTerminal } from "./setup/scripted-terminal.ts";

async function give(args: readonly string[], change: Partial<CliOptions> = {}) {
  let [out, err] = ["", ""];
  const code = await runCli({
    ...{ args, environment: {}, folder: "/nowhere", now: () => new Date(), pollMs: 1 },
    async resolveAws() {
      throw new UsageError("AWS was looked for: no answer");
    },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    openTerminal: () => scriptedTerminal(),
    openBrowser: () => undefined,
    ...change,
  });
  return { code, out, err: err.replaceAll(/\s+/g, " ") };
}

describe("help and version", () => {
  it("are what was asked for", async () => {
    expect(await give(["--version"])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/), err: "" });
    expect(await give(["--help"])).toMatchObject({ code: 0, out: expect.stringContaining("doctor"), err: "" });
    expect(await give(["setup", "-h"])).toMatchObject({ code: 0, out: expect.stringContaining("--key"), err: "" });
  });

  it("are said as an error where no command was given", async () => {
    expect(await give([])).toMatchObject({ code: 2, out: "", err: expect.stringContaining("doctor") });
  });
});

describe("arguments that a command does not take", () => {
  it.each<[string, string[], RegExp]>([
    ["a command that is none", ["nonsense"], /there is no command nonsense/],
    ["an option that is none", ["doctor", "--nonsense"], /Unknown option '--nonsense'; write gha-microvm --help/],
    ["words after doctor", ["doctor", "now"], /doctor takes no argument, but was given now/],
    ["words after setup", ["setup", "now"], /setup takes no argument/],
    ["words after remove", ["remove", "now"], /remove takes no argument/],
    ["words after resume", ["resume", "now"], /resume takes no argument/],
    ["words after cost", ["cost", "now"], /cost takes no argument/],
    ["days that are no number", ["cost", "--days", "week"], /--days must be a whole number/],
    ["a pause without a reason", ["pause"], /pause takes a reason/],
    ["a reason without an end", ["pause", "x".repeat(201)], /at most 200 characters/],
    ["no job", ["where"], /where takes one job/],
    ["two jobs", ["retry", "1", "2"], /retry takes one job/],
    ["an option of setup", ["doctor", "--owner", "my-org"], /--owner is an option of setup, not of doctor/],
    ["an option of setup for remove", ["remove", "--key", "kms"], /--key is an option of setup, not of remove/],
  ])("are said in a line before AWS is asked: %s", async (_what, args, text) => {
    const { code, out, err } = await give(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(text);
    expect(err).not.toContain("AWS was looked for");
  });
});

describe("a proxy that is set and not gone through", () => {
  const hint = /HTTPS_PROXY is set, and Node\.js goes through it only with/;

  it("is named where there was no answer", async () => {
    expect((await give(["--", "doctor"], { environment: { https_proxy: "http://proxy" } })).err).toMatch(hint);
    expect((await give(["doctor"], { environment: { HTTPS_PROXY: "http://proxy" } })).err).toMatch(hint);
  });

  it("and nowhere else", async () => {
    const proxied = { HTTPS_PROXY: "http://proxy", NODE_USE_ENV_PROXY: "1" };
    expect((await give(["doctor"], { environment: proxied })).err).not.toMatch(hint);
    expect((await give(["doctor"])).err).toMatch(/AWS was looked for/);
    expect((await give(["nonsense"], { environment: { HTTPS_PROXY: "http://proxy" } })).err).not.toMatch(hint);
  });
});

it("a fault of the command itself is no usage", async () => {
  const broken = async () => {
    throw new TypeError("broken");
  };
  await expect(give(["doctor"], { resolveAws: broken })).rejects.toThrow(TypeError);
});

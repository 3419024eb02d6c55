import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { printRunnerEnv } from "../../../contract/runner-env.ts";
import { downloadsOf, fingerprintOf, runnerOf, withRunner } from "../../../dispatcher/core/build-context.ts";
import { majorOf, updateOf } from "../../../dispatcher/core/image-configuration.ts";
import { readZip, writeZip } from "../../../dispatcher/zip.ts";

const env = { RUNNER_VERSION: "2.338.0", RUNNER_SHA256: "a".repeat(64) };
const encode = (text: string) => new TextEncoder().encode(text);
const contextOf = (files: Record<string, string>) =>
  new Map(Object.entries(files).map(([name, text]) => [name, encode(text)]));
const context = contextOf({
  Dockerfile: "COPY runner.env /opt/runner.env",
  "runner.env": printRunnerEnv(env),
  "a.txt": "a",
});

describe("a build context", () => {
  it("names its runner, and another one after it was changed", () => {
    expect(runnerOf(context)).toEqual(env);
    const changed = withRunner(context, { ...env, RUNNER_VERSION: "2.339.0", BUILT: "2026-11-27" });
    expect(runnerOf(changed)).toEqual({ ...env, RUNNER_VERSION: "2.339.0", BUILT: "2026-11-27" });
    expect([...changed.keys()]).toEqual([...context.keys()]);
  });

  it("names none where its Dockerfile does not follow runner.env, or there is none", () => {
    expect(runnerOf(new Map([...context, ["Dockerfile", encode("FROM base")]]))).toBeUndefined();
    expect(runnerOf(new Map())).toBeUndefined();
    expect(runnerOf(contextOf({ Dockerfile: "COPY runner.env /" }))).toBeUndefined();
  });

  it("has a fingerprint that follows its files, but for the runner", () => {
    const print = fingerprintOf(context);
    expect(print).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(withRunner(context, { ...env, BUILT: "2026-11-27" }))).toBe(print);
    expect(fingerprintOf(new Map([...context].reverse()))).toBe(print);
    expect(fingerprintOf(new Map([...context, ["a.txt", encode("b")]]))).not.toBe(print);
    expect(fingerprintOf(contextOf({ ab: "c" }))).not.toBe(fingerprintOf(contextOf({ a: "bc" })));
  });

  it("tells what is downloaded from releases on github.com, each once, with the runner in its place", () => {
    const dockerfile = [
      `RUN curl https://github.com/actions/runner/releases/download/v\${RUNNER_VERSION}/r-$RUNNER_VERSION.tar.gz`,
      `RUN curl 'https://github.com/cli/cli/releases/download/v2/gh.tar.gz' https://example.com/x`,
      "RUN curl https://github.com/cli/cli/releases/download/v2/gh.tar.gz https://github.com/cli/cli",
    ].join("\n");
    expect(downloadsOf(contextOf({ Dockerfile: dockerfile }), "2.338.0")).toEqual([
      "https://github.com/actions/runner/releases/download/v2.338.0/r-2.338.0.tar.gz",
      "https://github.com/cli/cli/releases/download/v2/gh.tar.gz",
    ]);
    expect(downloadsOf(new Map(), "2.338.0")).toEqual([]);
  });

  it("becomes the same archive whenever it is written, and is read back", () => {
    const archive = writeZip(context);
    expect(writeZip(new Map([...context].reverse()))).toEqual(archive);
    expect(readZip(archive)).toEqual(new Map([...context].sort(([a], [b]) => (a < b ? -1 : 1))));
  });

  it("is read as others write it, and read by others as it is written, with modes that Docker can use", () => {
    const files = Object.fromEntries(context);
    expect(readZip(zipSync({ ...files, "folder/": new Uint8Array() }, { level: 0 }))).toEqual(context);
    expect(readZip(zipSync(files, { level: 9, comment: "with a comment" }))).toEqual(context);
    expect(readZip(writeZip(new Map()))).toEqual(new Map());
    const archive = writeZip(context);
    expect(unzipSync(archive)).toEqual(files);
    // Unix, and rw-r--r-- of a regular file, in the directory's entry.
    const entry = Buffer.from(archive).indexOf("PK\u0001\u0002");
    expect(archive[entry + 5]).toBe(3);
    expect(Buffer.from(archive).readUInt32LE(entry + 38) >>> 16).toBe(0o100644);
  });

  it("is refused when it is no archive, damaged, or a bomb", () => {
    expect(() => readZip(encode("no zip"))).toThrow("no end");
    const archive = Buffer.from(writeZip(context));
    const at = (name: string) => archive.indexOf(name);
    const broken = (offset: number) => {
      const copy = Buffer.from(archive);
      copy[offset] = (copy[offset] ?? 0) ^ 0xff;
      return () => readZip(copy);
    };
    expect(broken(at("PK\u0001\u0002"))).toThrow("directory is broken");
    expect(broken(at("PK\u0001\u0002") + 10)).toThrow("not known");
    expect(broken(at("PK\u0001\u0002") + 16)).toThrow("damaged");
    expect(() => readZip(archive.subarray(0, -1))).toThrow("no end");
    expect(() => readZip(writeZip(new Map([["zeros", new Uint8Array(20_000_001)]])))).toThrow("holds more than");
  });
});

describe("the update of an image", () => {
  const shown = {
    ...{ imageArn: "arn", imageVersion: "3.0", state: "SUCCESSFUL", status: "ACTIVE", stateReason: "", tags: {} },
    ...{ createdAt: 1, updatedAt: 2, baseImageVersion: "1.0", description: "", hooks: { port: 9000 }, logging: null },
    ...{ codeArtifact: { uri: "s3://b/old", checksum: "kept" }, kmsKeyIdentifier: "alias/key" },
  };

  it("sends back all that a version shows but its outputs, known members or not", () => {
    expect(updateOf(shown, { uri: "s3://b/new", baseMajor: "2" })).toEqual({
      baseImageVersion: "2",
      codeArtifact: { uri: "s3://b/new", checksum: "kept" },
      description: "",
      hooks: { port: 9000 },
      kmsKeyIdentifier: "alias/key",
    });
    for (const codeArtifact of [undefined, null, "s3://b/old"]) {
      expect(updateOf({ codeArtifact }, { uri: "s3://b/new", baseMajor: "2" })).toEqual({
        baseImageVersion: "2",
        codeArtifact: { uri: "s3://b/new" },
      });
    }
  });

  it("names a base by its major number", () => {
    expect(majorOf("1.0")).toBe("1");
    expect(majorOf("12")).toBe("12");
  });
});

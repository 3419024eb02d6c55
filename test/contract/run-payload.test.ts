import { generateKeyPairSync } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeRunPayload,
  encodeRunPayload,
  MAX_RUN_PAYLOAD_BYTES,
  type RunPayload,
  RunPayloadError,
  unwrapJitConfig,
  wrapJitConfig,
} from "../../contract/run-payload.ts";

function payload(jitConfig: Record<string, string>): RunPayload {
  return {
    version: 1,
    launchId: "48672193345-1",
    jitConfig,
    finish: {
      url: "https://abcdefgh.lambda-url.eu-central-1.on.aws/finish",
      expiresAt: 1_800_000_000,
      mac: "0".repeat(64),
    },
    region: "eu-central-1",
    maxDurationSeconds: 28_800,
  };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** As long and as random as GitHub's: a 2048-bit key in .NET's form, and the two files beside it. */
function realisticJitConfig(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const long = "a-repository-with-a-rather-long-name-as-people-have-them";
  return base64(
    JSON.stringify({
      ".runner": base64(
        JSON.stringify({
          AgentId: "4711",
          AgentName: "microvm-48672193345-1",
          DisableUpdate: "True",
          Ephemeral: "True",
          PoolId: "1",
          PoolName: "Default",
          ServerUrl: `https://pipelinesghubeus12.actions.githubusercontent.com/${"x".repeat(50)}/`,
          GitHubUrl: `https://github.com/an-organization-with-a-long-name/${long}`,
          WorkFolder: "_work",
          ServerUrlV2: "https://broker.actions.githubusercontent.com/",
          UseV2Flow: "True",
        }),
      ),
      ".credentials": base64(
        JSON.stringify({
          Scheme: "OAuth",
          Data: {
            ClientId: "5f1c2a9e-6d5e-4b57-93c2-0d3c1f1b8a11",
            AuthorizationUrl: `https://vstoken.actions.githubusercontent.com/_apis/oauth2/token/${"y".repeat(36)}`,
            RequireFipsCryptography: "True",
          },
        }),
      ),
      ".credentials_rsaparams": base64(JSON.stringify(jwk)),
    }),
  );
}

const contentsOf = (encoded: string): Record<string, string> =>
  JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));

describe("the JIT configuration", () => {
  it("comes back with the same contents, file by file, whatever they are", () => {
    const content = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary" }).map(base64),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64")),
      fc.string().map((text) => base64(`verbatim:${text}`)),
      fc.string().map((text) => `verbatim:${text}`),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^\.[a-z_]{1,20}$/), content), (files) => {
        const encoded = base64(JSON.stringify(files));

        expect(contentsOf(wrapJitConfig(unwrapJitConfig(encoded)))).toEqual(contentsOf(encoded));
      }),
    );
  });

  it("is unwrapped to text, which is what makes it fit", () => {
    expect(unwrapJitConfig(base64(JSON.stringify({ ".runner": base64('{"AgentName":"ä"}') })))).toEqual({
      ".runner": '{"AgentName":"ä"}',
    });
  });

  it("is unwrapped with the line breaks that base64 may have", () => {
    const encoded = realisticJitConfig();

    expect(unwrapJitConfig(`${encoded.replaceAll(/.{76}/g, "$&\r\n")}\n`)).toEqual(unwrapJitConfig(encoded));
  });

  it.each([
    ["not base64", "{}", "not base64"],
    ["not JSON", base64("hello"), "does not hold JSON"],
    ["a list", base64("[]"), "not a JSON object"],
    ["an object of numbers", base64('{"a":1}'), "not a JSON object"],
  ])("is refused when it is %s", (_what, encoded, message) => {
    expect(() => unwrapJitConfig(encoded)).toThrow(RunPayloadError);
    expect(() => unwrapJitConfig(encoded)).toThrow(message);
  });
});

describe("the run payload", () => {
  it("comes back as it was sent", () => {
    const payloads = fc.dictionary(
      fc.stringMatching(/^\.[a-z_]{1,20}$/),
      fc.string({ unit: "binary", maxLength: 60 }),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(payloads, (jitConfig) => {
        expect(decodeRunPayload(encodeRunPayload(payload(jitConfig)))).toEqual(payload(jitConfig));
      }),
    );
  });

  it("leaves a quarter of the limit free with a configuration like GitHub's", () => {
    const encoded = encodeRunPayload(payload(unwrapJitConfig(realisticJitConfig())));

    expect(encoded.length).toBeLessThan(MAX_RUN_PAYLOAD_BYTES * 0.75);
  });

  it("is refused with its size when the service would not take it", () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
    const large = payload({
      ".key": String(privateKey.export({ format: "pem", type: "pkcs8" })).repeat(1),
      ".more": "",
    });
    const tooLarge = { ...large, jitConfig: { ...large.jitConfig, ".more": realisticJitConfig() } };

    expect(() => encodeRunPayload(tooLarge)).toThrow(/is \d{4} bytes long, above the 4096 that RunMicrovm accepts/);
  });

  it("is refused by name of the field before it is sent, without its contents", () => {
    const invalid = { ...payload({}), launchId: "secret-text" };

    expect(() => encodeRunPayload(invalid)).toThrow("launchId");
    expect(() => encodeRunPayload(invalid)).not.toThrow("secret-text");
  });

  it.each([
    ["empty", "", "is empty"],
    ["one byte", "x", "not base64"],
    ["too long", "A".repeat(4_097), "longer than 4096"],
    ["no deflate stream", base64("hello"), "not a deflated document"],
    ["4,096 bytes of junk", "A".repeat(4_096), "not a deflated document"],
    ["no JSON", deflateRawSync("hello").toString("base64"), "does not hold JSON"],
    ["no document", deflateRawSync("null").toString("base64"), "(whole) must be Object"],
    ["another document", deflateRawSync("{}").toString("base64"), "version must be"],
    ["a document of megabytes", deflateRawSync(Buffer.alloc(2_000_000)).toString("base64"), "at most 65536 bytes"],
  ])("is refused when it is %s", (_what, text, message) => {
    expect(() => decodeRunPayload(text)).toThrow(RunPayloadError);
    expect(() => decodeRunPayload(text)).toThrow(message);
  });

  it("names a field whose rule is too long to show", () => {
    const valid = payload({});
    const finish = { ...valid.finish, url: "secret-text" };
    expect(() => encodeRunPayload({ ...valid, finish })).toThrow("finish.url must be valid");
  });

  it("never fails in another way than with its own error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => deflateRawSync(text).toString("base64")),
        ),
        (text) => {
          try {
            decodeRunPayload(text);
          } catch (error) {
            expect(error).toBeInstanceOf(RunPayloadError);
          }
        },
      ),
    );
  });
});

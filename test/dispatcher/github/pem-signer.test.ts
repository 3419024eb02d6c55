import { verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { normalisePem } from "../../../dispatcher/github/normalise-pem.ts";
import { createPemSigner } from "../../../dispatcher/github/pem-signer.ts";
import { createAppKey } from "../../support/app-key.ts";

const key = createAppKey();
const data = Buffer.from("data");
const lines = (pem: string) => pem.trimEnd().split("\n");

const LAYOUTS: [string, (pem: string) => string][] = [
  ["as GitHub hands it out", (pem) => pem],
  ["without an end of line", (pem) => pem.trimEnd()],
  [
    "with every line indented by spaces",
    (pem) =>
      lines(pem)
        .map((line) => `    ${line}`)
        .join("\n"),
  ],
  [
    "with every line indented by tabs",
    (pem) =>
      lines(pem)
        .map((line) => `\t${line}`)
        .join("\n"),
  ],
  ["with its first line indented", (pem) => `  ${pem}`],
  ["with blank lines between", (pem) => lines(pem).join("\n\n")],
  ["with blank lines around", (pem) => `\n\n${pem}\n\n`],
  ["with lines ended by CRLF", (pem) => lines(pem).join("\r\n")],
  ["with lines ended by CR", (pem) => lines(pem).join("\r")],
  ["with the two characters \\n", (pem) => lines(pem).join("\\n")],
  ["with the characters \\r\\n", (pem) => lines(pem).join("\\r\\n")],
  ["in quotes, as of a JSON document", (pem) => JSON.stringify(pem)],
  ["in one line with spaces", (pem) => lines(pem).join(" ")],
  [
    "with trailing spaces",
    (pem) =>
      lines(pem)
        .map((line) => `${line}  `)
        .join("\n"),
  ],
  ["behind a byte order mark", (pem) => `\uFEFF${pem}`],
  ["in base64 as a whole", (pem) => Buffer.from(pem).toString("base64")],
  ["in base64 with broken lines", (pem) => Buffer.from(pem).toString("base64").replaceAll(/.{76}/g, "$&\n")],
  ["in base64 with CRLF inside", (pem) => Buffer.from(lines(pem).join("\r\n")).toString("base64")],
];

describe.each(["pkcs1", "pkcs8"] as const)("a key in %s form", (form) => {
  it.each(LAYOUTS)("signs %s", async (_, layout) => {
    const signature = await createPemSigner(layout(key[form]), "the key")(data);

    expect(verify("sha256", data, key.publicKey, signature)).toBe(true);
  });
});

describe("what is no key", () => {
  it.each(["", "no key at all", "./app.pem", "aGVsbG8=", key.publicKey, lines(key.pkcs1).slice(0, -1).join("\n")])(
    "is refused by its place, without what it says (%#)",
    (text) => {
      expect(() => createPemSigner(text, "github_app.private_key")).toThrow(
        "github_app.private_key is not an RSA private key in PEM form; set the App's key",
      );
    },
  );

  it("stays as it is", () => {
    for (const text of ["", "aGVsbG8=", "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n-----END X-----"]) {
      expect(normalisePem(text)).toBe(text);
    }
  });
});

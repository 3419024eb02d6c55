import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { finishMac, isFinishMac, isSigned } from "../../../dispatcher/core/signature.ts";

const body = Buffer.from('{"ö":1}');
const sign = (secret: string) => `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

describe("isSigned", () => {
  it("accepts GitHub's documented example", () => {
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    expect(isSigned(Buffer.from("Hello, World!"), signature, ["It's a Secret to Everybody"])).toBe(true);
  });

  it("accepts any of several secrets, in upper case too", () => {
    expect(isSigned(body, sign("new"), ["old", "new"])).toBe(true);
    expect(
      isSigned(
        body,
        sign("new").replace(/[a-f]/g, (digit) => digit.toUpperCase()),
        ["new"],
      ),
    ).toBe(true);
  });

  it.each([
    "",
    "sha256=",
    "sha1=757107ea0eb2509fc211221cce984b8a37570b6d",
    `sha256=${"0".repeat(64)}`,
    "x".repeat(1e5),
  ])("refuses the signature %.20s", (signature) => {
    expect(isSigned(body, signature, ["secret"])).toBe(false);
  });

  it.each([
    ["before it", (signature: string) => `x${signature}`],
    ["before it, on a line of its own", (signature: string) => `x\n${signature}`],
    ["after it", (signature: string) => `${signature}00`],
    ["after it, on a line of its own", (signature: string) => `${signature}\n`],
    ["instead of its scheme", (signature: string) => signature.replace("sha256=", "sha512=")],
    ["without its scheme", (signature: string) => signature.replace("sha256=", "")],
    ["one digit less", (signature: string) => signature.slice(0, -1)],
  ])("refuses the right signature with something %s", (_, change) => {
    expect(isSigned(body, sign("secret"), ["secret"])).toBe(true);
    expect(isSigned(body, change(sign("secret")), ["secret"])).toBe(false);
  });

  it("is over the bytes of the body, also where they are no text", () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]);
    const signature = `sha256=${createHmac("sha256", "secret").update(bytes).digest("hex")}`;

    expect(isSigned(bytes, signature, ["secret"])).toBe(true);
    expect(isSigned(Buffer.from(bytes.toString("utf8")), signature, ["secret"])).toBe(false);
  });

  it("refuses everything when there is no secret", () => {
    expect(isSigned(body, sign(""), [])).toBe(false);
  });
});

describe("isFinishMac", () => {
  const call = { launchId: "12-1", expiresAt: 1_800_000_000, mac: finishMac("secret", "12-1", 1_800_000_000) };

  it("accepts the launch it was made for, under any valid secret", () => {
    expect(isFinishMac(call, ["new", "secret"])).toBe(true);
  });

  it("accepts what a MicroVM was given by the release before an upgrade", () => {
    const key = createHmac("sha256", "secret").update("finish-call").digest();
    const mac = createHmac("sha256", key).update("12-1.1800000000").digest("hex");
    expect(isFinishMac({ ...call, mac }, ["secret"])).toBe(true);
  });

  it.each([
    ["another launch", { launchId: "12-2" }],
    ["a later expiry", { expiresAt: 1_900_000_000 }],
    ["another MAC", { mac: "0".repeat(64) }],
    ["a short MAC", { mac: "00" }],
  ])("refuses %s", (_, change) => {
    expect(isFinishMac({ ...call, ...change }, ["secret"])).toBe(false);
  });

  it("cannot be had by signing a webhook body", () => {
    const asWebhook = createHmac("sha256", "secret").update(`${call.launchId}.${call.expiresAt}`).digest("hex");
    expect(isFinishMac({ ...call, mac: asWebhook }, ["secret"])).toBe(false);
  });
});

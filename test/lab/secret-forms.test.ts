import { describe, expect, it } from "vitest";
import { leaksIn } from "../../lab/secret-forms.ts";

const SECRET = "jit/configuration+of~one runner";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const BEFORE = ["", "x", "xy"];

describe("a secret", () => {
  it.each([
    ["as it is", SECRET],
    ["in hexadecimal", Buffer.from(SECRET).toString("hex")],
    ["within JSON within JSON", JSON.stringify(JSON.stringify({ a: SECRET }))],
    ["URL-encoded", encodeURIComponent(SECRET)],
    ...BEFORE.flatMap((inner) => [
      [`in base64, ${inner.length} bytes on`, base64(`${inner}${SECRET}z`)],
      [`in base64 in a URL, ${inner.length} bytes on`, encodeURIComponent(base64(`${inner}${SECRET}z`))],
      [`in URL-safe base64, ${inner.length} bytes on`, Buffer.from(`${inner}${SECRET}z`).toString("base64url")],
      ...BEFORE.map((outer) => [
        `in base64 within base64, ${inner.length} and ${outer.length} bytes on`,
        base64(`${outer}${base64(`${inner}${SECRET}z`)}z`),
      ]),
    ]),
  ])("is found %s", (_, text) => {
    expect(leaksIn(`before ${text} after`, new Map([["it", SECRET]]))).toEqual(["it"]);
  });

  it("is found in no other text", () => {
    const other = [SECRET.toUpperCase(), base64(SECRET.slice(1, -1)), base64(base64(SECRET.toUpperCase()))];

    expect(leaksIn(other.join(" "), new Map([["it", SECRET]]))).toEqual([]);
  });
});

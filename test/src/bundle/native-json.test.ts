import { describe, expect, it } from "vitest";
import { JSONParse, JSONStringify } from "../../../src/bundle/native-json.ts";

const text =
  '{"id":157613830498205697,"small":-7,"far":1e300,"part":0.1,"text":"12345678901234567890","none":null,"list":[-9007199254740993]}';

describe("the JSON of bundles", () => {
  it("reads whole numbers that a double cannot hold as BigInts, and everything else as usual", () => {
    expect(JSONParse(text)).toEqual({
      ...{ id: 157_613_830_498_205_697n, small: -7, far: 1e300, part: 0.1 },
      ...{ text: "12345678901234567890", none: null, list: [-9_007_199_254_740_993n] },
    });
  });

  it("writes BigInts as the numbers that they were", () => {
    expect(JSONStringify({ id: 157_613_830_498_205_697n, text: "1n", list: [1n, undefined] })).toBe(
      '{"id":157613830498205697,"text":"1n","list":[1,null]}',
    );
  });

  it("refuses what is no JSON", () => {
    expect(() => JSONParse("{")).toThrow(SyntaxError);
  });
});

import { describe, expect, it } from "vitest";
import { parseJobAddress, webHostOf } from "../../../cli/core/job-address.ts";

describe("a job's address", () => {
  it.each([
    ["12345678901", { jobId: 12_345_678_901 }],
    [
      "https://github.com/my-org/shop/actions/runs/1/job/22",
      { jobId: 22, host: "github.com", repository: "my-org/shop" },
    ],
    [
      "https://github.com/a/b.c/actions/runs/1/job/22?pr=3#step:2:1",
      { jobId: 22, host: "github.com", repository: "a/b.c" },
    ],
    [
      "https://ghe.example.com:8443/a/b/actions/runs/1/attempts/2/job/22/",
      { jobId: 22, host: "ghe.example.com:8443", repository: "a/b" },
    ],
  ])("is read from %s", (text, address) => {
    expect(parseJobAddress(text)).toEqual(address);
  });

  it.each([
    "",
    "0",
    "-1",
    "12x",
    "https://github.com/my-org/shop/actions/runs/1",
    "https://github.com/my-org/shop/actions/runs/1/job/0",
    "https://github.com/my-org/shop/actions/runs/1/job/x",
    "ftp://github.com/my-org/shop/actions/runs/1/job/22",
    "my-org/shop",
  ])("is not read from '%s'", (text) => {
    expect(parseJobAddress(text)).toBeUndefined();
  });
});

it.each([
  ["https://api.github.com", "github.com"],
  ["https://api.acme.ghe.com", "acme.ghe.com"],
  ["https://ghe.example.com/api/v3", "ghe.example.com"],
  ["https://api.example.com/api/v3", "api.example.com"],
])("finds the host of the pages of %s", (apiUrl, host) => {
  expect(webHostOf(apiUrl)).toBe(host);
});

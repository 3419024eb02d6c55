import { expect, it } from "vitest";
import { ConfigurationError, TransientError } from "../../../dispatcher/errors.ts";
import { readClasses } from "../../../dispatcher/handlers/read-classes.ts";

const document = { large: { required: ["microvm-large"], runner: ["microvm-large"] } };

it("without a parameter there are no classes, and nothing is read", async () => {
  const read = readClasses({ get: () => Promise.reject(new Error("nothing to read")) }, "");
  expect(await read()).toEqual({});
});

it("the parameter is read by its version, once, and again only where that failed", async () => {
  const names: string[] = [];
  const failures = [new TransientError("no answer")];
  const read = readClasses(
    {
      async get(name) {
        names.push(name);
        const failure = failures.pop();
        if (failure) throw failure;
        return JSON.stringify(document);
      },
    },
    "/gha/classes:4",
  );
  await expect(Promise.all([read(), read()])).rejects.toThrow("no answer");
  expect(await Promise.all([read(), read()])).toEqual([document, document]);
  expect(await read()).toEqual(document);
  expect(names).toEqual(["/gha/classes:4", "/gha/classes:4"]);
});

it("a parameter that holds something else is named", async () => {
  const read = readClasses({ get: async () => '{"large":{"required":[]}}' }, "/gha/classes:4");
  await expect(read()).rejects.toThrow(ConfigurationError);
  await expect(read()).rejects.toThrow("/gha/classes:4");
});

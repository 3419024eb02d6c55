import { expect, it } from "vitest";
import { reachByHead } from "../../dispatcher/reach.ts";

it("a file is there when its head is answered, and is not when it is refused or nobody answers", async () => {
  const asked: [string, string | undefined][] = [];
  const reach = (answer: Response | Error) =>
    reachByHead(async (url, init) => {
      asked.push([String(url), init?.method]);
      if (answer instanceof Error) throw answer;
      return answer;
    })("https://github.example/file");

  expect(await reach(new Response("text"))).toBe(true);
  expect(await reach(new Response(null, { status: 404 }))).toBe(false);
  expect(await reach(new TypeError("fetch failed"))).toBe(false);
  expect(asked).toEqual(Array(3).fill(["https://github.example/file", "HEAD"]));
});

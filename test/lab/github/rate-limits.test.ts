import { afterEach, beforeEach, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { type Call, createTestClient } from "./support/client.ts";
import { createTestClock, type TestClock } from "./support/clock.ts";

let github: LabGitHub;
let clock: TestClock;
let call: Call;

beforeEach(async () => {
  clock = createTestClock();
  github = await startGitHub({ repositories: ["acme/app"], rateLimit: 3, clock });
  call = await createTestClient(github, { now: clock.now }).asInstallation();
});
afterEach(() => github.close());

it("counts down in the headers", async () => {
  const { headers } = await call("GET /repos/acme/app");

  expect(headers).toMatchObject({
    "x-ratelimit-limit": "3",
    "x-ratelimit-remaining": "2",
    "x-ratelimit-used": "1",
    "x-ratelimit-resource": "core",
    "x-ratelimit-reset": String(clock.now() / 1_000 + 3_600),
  });
});

it("refuses calls beyond the limit until the hour is over", async () => {
  for (let count = 0; count < 3; count += 1) expect((await call("GET /repos/acme/app")).status).toBe(200);

  const { status, data, headers } = await call("GET /repos/acme/app");

  expect(status).toBe(403);
  expect(data).toMatchObject({ message: `API rate limit exceeded for installation ID ${github.installationId}.` });
  expect(headers["x-ratelimit-remaining"]).toBe("0");
  clock.advance(3_599_000);
  expect((await call("GET /repos/acme/app")).status).toBe(403);
  clock.advance(1_000);
  const fresh = await createTestClient(github, { now: clock.now }).asInstallation();
  expect((await fresh("GET /repos/acme/app")).status).toBe(200);
});

it("tells how things stand without counting that call", async () => {
  await call("GET /repos/acme/app");

  const { data } = await call("GET /rate_limit");

  expect(data).toMatchObject({ rate: { limit: 3, used: 1, remaining: 2 } });
});

it("can be used up on demand", async () => {
  github.limits.exhaust(120, 429);

  const { status, headers } = await call("GET /repos/acme/app");

  expect(status).toBe(429);
  expect(headers["x-ratelimit-remaining"]).toBe("0");
  expect(headers["x-ratelimit-reset"]).toBe(String(clock.now() / 1_000 + 120));
  clock.advance(120_000);
  expect((await call("GET /repos/acme/app")).status).toBe(200);
});

it("has secondary limits that say how long to wait", async () => {
  github.limits.secondary({ retryAfterSeconds: 7 });

  const refused = await call("GET /repos/acme/app");

  expect(refused).toMatchObject({
    status: 403,
    data: { message: expect.stringContaining("secondary rate limit") },
    headers: { "retry-after": "7", "x-ratelimit-remaining": "3" },
  });
  expect((await call("GET /repos/acme/app")).status).toBe(200);
});

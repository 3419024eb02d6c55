/**
 * One deployment for all tests that ask for no other: applying it takes longer than most of them do. Each file's tests
 * and hooks belong to the block in which it is imported. The first finds a deployment in which nothing has run yet, and
 * relies on it.
 */
import { describe } from "vitest";
import "./deployment.ts";

describe("a job", async () => void (await import("./job.suite.ts")));
describe("the door", async () => void (await import("./door.suite.ts")));
describe("a fork", async () => void (await import("./fork.suite.ts")));
describe("a lost delivery", async () => void (await import("../lab/redeliver.suite.ts")));
describe("the dashboard", async () => void (await import("../module/dashboard.suite.ts")));
describe("retry", async () => void (await import("../cli/retry.suite.ts")));
describe("where", async () => void (await import("../cli/where.suite.ts")));
describe("a hostile job", async () => void (await import("../security/hostile-job.suite.ts")));
// What it breaks last stays broken.
describe("doctor", async () => void (await import("../cli/doctor.suite.ts")));

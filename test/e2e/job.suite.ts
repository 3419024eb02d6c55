import { beforeAll, describe, expect, it } from "vitest";
import { decodeRunPayload, MAX_RUN_PAYLOAD_BYTES, type RunPayload, wrapJitConfig } from "../../contract/run-payload.ts";
import type { Machine } from "../../lab/aws/microvms/machine.ts";
import type { Job } from "../../lab/github/jobs.ts";
import { formsOf, leaksIn } from "../../lab/secret-forms.ts";
import { timelineOf } from "../../lab/simulate/timeline.ts";
import { readProjectFile } from "../docs/markdown.ts";
import { type AppliedLab, FUNCTIONS, machinesOf, registrationsOf, untilSettled } from "./applied-lab.ts";
import { deployment } from "./deployment.ts";

let lab: AppliedLab;
let job: Job;
let machine: Machine;
let payload: RunPayload;

beforeAll(() => {
  lab = deployment();
});

const requestBody = (): Record<string, unknown> => {
  const call = lab.aws.gateway.calls().find(({ operation }) => operation === "RunMicrovm");
  return JSON.parse(call?.body.toString() ?? "{}");
};
/** Everything that the functions' processes wrote. */
const lines = () => FUNCTIONS.flatMap((name) => lab.aws.functions.output(name));
/** Lines of Lambda itself, around invocations. */
const PLATFORM_LINE = /^(INIT_START|START|END|REPORT)\b/;
const jsonLines = () =>
  lines()
    .filter((line) => !PLATFORM_LINE.test(line))
    .map((line): Record<string, unknown> => JSON.parse(line));
const secrets = () =>
  new Map<string, string>([
    ["webhook secret", lab.webhookSecret],
    ...lab.github.app.privateKey
      .split("\n")
      .filter((line) => line.length > 30 && !line.startsWith("-----"))
      .map((line, index): [string, string] => [`line ${index} of the private key`, line]),
    ...lab.github.tokens().map(({ token }, index): [string, string] => [`installation token ${index}`, token]),
    ["JIT configuration", wrapJitConfig(payload.jitConfig)],
    ...Object.entries(payload.jitConfig).map(([name, text]): [string, string] => [`${name} of the JIT config`, text]),
    ["run payload", machine.request.runHookPayload ?? ""],
    ["finish MAC", payload.finish.mac],
  ]);

describe("a queued job", () => {
  it("runs to its end and leaves nothing", async () => {
    job = lab.queueJob();

    await untilSettled(lab, job);

    expect(job.conclusion).toBe("success");
    const way = timelineOf(lab, job);
    expect(way.filter(({ at }) => at === undefined)).toEqual([]);
    const drawn = [...readProjectFile("docs/timeline.svg").matchAll(/<text x="20" y="\d+">([^<]+)</g)];
    expect(drawn.map(([, name]) => name).sort()).toEqual(way.map(({ name }) => name).sort());
    expect(registrationsOf(lab, job)).toEqual([`gha-microvm-${job.id}-1`]);
    const [only, ...more] = machinesOf(lab, job);
    if (only === undefined) throw new Error("no MicroVM was launched");
    expect(more).toEqual([]);
    machine = only;
    payload = decodeRunPayload(machine.request.runHookPayload ?? "");
  });

  it("gets a MicroVM that is closed, bounded and logged", () => {
    const { region, accountId } = lab.aws.account;
    const connector = `arn:aws:lambda:${region}:aws:network-connector:aws-network-connector`;
    expect(requestBody()).toEqual({
      imageIdentifier: `arn:aws:lambda:${region}:${accountId}:microvm-image:${machine.imageArn.split(":").at(-1)}`,
      executionRoleArn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
      ingressNetworkConnectors: [`${connector}:NO_INGRESS`],
      egressNetworkConnectors: [`${connector}:INTERNET_EGRESS`],
      logging: { cloudWatch: { logGroup: expect.stringMatching(/gha-microvm/) } },
      runHookPayload: expect.any(String),
      maximumDurationInSeconds: 1_200,
      clientToken: `gha-microvm-${job.id}-1`,
    });
    const logGroup = machine.request.logging?.logGroup ?? "";
    expect(lab.aws.logs.read(logGroup).length).toBeGreaterThan(0);
  });

  it("gets a payload that fits and holds nothing that serves twice", () => {
    const text = machine.request.runHookPayload ?? "";
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_RUN_PAYLOAD_BYTES);
    const opened = `${text}\n${JSON.stringify(payload)}\n${wrapJitConfig(payload.jitConfig)}`;
    expect(opened).not.toMatch(/gh[a-z]_\w{10}|eyJ[\w-]+\.eyJ[\w-]+\./);
    const lasting = new Map([...secrets()].filter(([name]) => /webhook|private key|token/.test(name)));
    expect(leaksIn(opened, lasting)).toEqual([]);
    expect(payload.launchId).toBe(`${job.id}-1`);
    expect(payload.finish.url).toBe(`${lab.url}finish`);
  });

  it("is served by tokens for its repository, with no permission but those that are used", () => {
    const calls = lab.github.calls().filter(({ caller }) => caller === "installation");
    expect(calls.length).toBeGreaterThan(0);
    for (const { repositories } of calls) expect(repositories).toEqual(["my-org/shop"]);
    // The provider made its own while Terraform ran, with all that the App may do.
    const asked = lab.github.calls().filter(({ path }) => path.endsWith("/access_tokens")).length;
    const { ofJobs = [], others = [] } = Object.groupBy(lab.github.tokens().slice(-asked), ({ permissions }) =>
      "actions" in permissions ? "ofJobs" : "others",
    );
    expect(ofJobs.length).toBeGreaterThan(0);
    for (const token of ofJobs) {
      expect(token.repositories?.map(({ fullName }) => fullName)).toEqual(["my-org/shop"]);
      expect(Object.keys(token.permissions).sort()).toEqual(["actions", "administration", "metadata"]);
    }
    // Which runner GitHub takes is asked in any repository, with a token that reads; finding one takes no right but to
    // list.
    for (const { repositories, permissions } of others) {
      expect(permissions).toEqual(
        repositories === undefined ? { metadata: "read" } : { administration: "read", metadata: "read" },
      );
    }
    const { used, unused } = lab.github.privileges();
    expect(used).toContain("administration:write");
    // The job itself is asked for only when its deliveries do not tell enough: crash.prove.test.ts has such jobs.
    expect(unused.filter((name) => name !== "actions:read")).toEqual([]);
    expect(lab.github.calls().filter(({ status }) => status >= 400)).toEqual([]);
    lab.github.assertFaithful();
  });
});

describe("the functions' logs", () => {
  it("are JSON objects, line by line, but for Lambda's own lines", () => {
    expect(jsonLines().length).toBeGreaterThan(5);
    for (const line of jsonLines()) {
      expect(line).toMatchObject({ level: expect.stringMatching(/^(info|warn|error)$/), event: expect.any(String) });
    }
    expect(jsonLines().filter(({ level }) => level !== "info")).toEqual([]);
  });

  it("name the job, and the launch and the repository where they are known", () => {
    const ofJob = jsonLines().filter((line) => line.jobId === job.id);
    const events = ofJob.map(({ event }) => event);
    expect(events).toEqual(
      expect.arrayContaining(["delivery.queued", "launch.claimed", "runner.registered", "microvm.launched"]),
    );
    for (const line of ofJob) {
      if (line.type === "launch" && "messageId" in line) expect(line).toMatchObject({ repo: "my-org/shop" });
      if (/^(runner\.registered|microvm\.launched)$/.test(String(line.event))) {
        expect(line).toMatchObject({ launchId: `${job.id}-1` });
      }
    }
    const aboutIt = jsonLines().filter((line) => JSON.stringify(line).includes(String(job.id)));
    // A MicroVM's own call names its launch, which begins with the job's id.
    const nameless = aboutIt.filter(({ jobId, launchId }) => jobId !== job.id && launchId !== `${job.id}-1`);
    expect(nameless).toEqual([]);
  });

  it("hold no secret in any form", () => {
    const groups = lab.aws.logs.names().flatMap((name) => lab.aws.logs.read(name).map(({ message }) => message));
    const written = [...lines(), ...groups].join("\n");
    expect(secrets().size).toBeGreaterThan(20);
    expect(lab.github.tokens().length).toBeGreaterThan(0);
    expect(leaksIn(written, secrets())).toEqual([]);
    expect(written).not.toMatch(/gh[a-z]_\w{10}|eyJ[\w-]+\.eyJ[\w-]+\.|-----BEGIN/);
    const authorization = formsOf("eyJhbGciOiJSUzI1NiI").map((form) => written.includes(form));
    expect(authorization).not.toContain(true);
  });

  it("would be seen to hold a secret, whatever its form", () => {
    const secret = 'a "secret"/+ with ümlaut';
    const hiding = new Map([["it", secret]]);
    const forms = [secret, encodeURIComponent(secret), JSON.stringify({ secret })];
    for (const before of ["", "x", "xy"]) forms.push(Buffer.from(`${before}${secret}yz`).toString("base64"));
    for (const form of forms) expect(leaksIn(`some ${form} text`, hiding)).toEqual(["it"]);
    expect(leaksIn("some other text", hiding)).toEqual([]);
  });
});

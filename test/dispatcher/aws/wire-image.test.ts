/** The calls that rebuild the image, held against what the SDK's clients put on the wire for the same input. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as microvms from "@aws-sdk/client-lambda-microvms";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLambdaBuiltImage } from "../../../dispatcher/aws/lambda-built-image.ts";
import { createS3CodeBucket } from "../../../dispatcher/aws/s3-code-bucket.ts";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";
import { type LocalServer, type Reply, type SeenRequest, startLocalServer } from "../../support/local-server.ts";
import { SAMPLE_RUN_INPUT } from "../../support/sample-job.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../../support/signed-fetch-for.ts";

let server: LocalServer;
let reply: Reply;
beforeAll(async () => {
  server = await startLocalServer(() => reply);
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

const imageIdentifier = SAMPLE_RUN_INPUT.imageArn;
const BASE = "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1";
const BODY = {
  codeArtifact: { uri: "s3://artifacts/microvm/new.zip" },
  baseImageArn: BASE,
  baseImageVersion: "1",
  buildRoleArn: "arn:aws:iam::123456789012:role/build",
  environmentVariables: { A: "ü" },
};
const options = () => ({ endpoint: server.url, region: "eu-west-1", credentials: LOCAL_CREDENTIALS, maxAttempts: 1 });
const lambda = () => new microvms.LambdaMicrovmsClient(options());
const s3 = () => new S3Client({ ...options(), forcePathStyle: true });
const image = () => createLambdaBuiltImage(signedFetchFor("lambda", server.url), imageIdentifier);
const bucket = () =>
  createS3CodeBucket({
    ...{ region: "eu-west-1", bucket: "artifacts", endpoint: server.url },
    credentials: () => LOCAL_CREDENTIALS,
  });
const KEY = "microvm/refreshed/a b+ü.zip";

const cases: { operation: string; theirs(): Promise<unknown>; ours(): Promise<unknown>; answer: object }[] = [
  {
    operation: "GetMicrovmImage",
    theirs: () => lambda().send(new microvms.GetMicrovmImageCommand({ imageIdentifier })),
    ours: () => image().state(),
    answer: { state: "UPDATED" },
  },
  {
    operation: "GetMicrovmImageVersion",
    theirs: () => lambda().send(new microvms.GetMicrovmImageVersionCommand({ imageIdentifier, imageVersion: "3.0" })),
    ours: () => image().show("3.0"),
    answer: { ...BODY, createdAt: 1_767_268_800 },
  },
  {
    operation: "ListMicrovmImageBuilds",
    theirs: () =>
      lambda().send(
        new microvms.ListMicrovmImageBuildsCommand({ imageIdentifier, imageVersion: "3.0", maxResults: 50 }),
      ),
    ours: () => image().failures("3.0"),
    answer: { items: [] },
  },
  {
    operation: "ListManagedMicrovmImageVersions",
    theirs: () =>
      lambda().send(new microvms.ListManagedMicrovmImageVersionsCommand({ imageIdentifier: BASE, maxResults: 50 })),
    ours: () => image().bases(BASE),
    answer: { items: [] },
  },
  {
    operation: "UpdateMicrovmImage",
    theirs: () =>
      lambda().send(new microvms.UpdateMicrovmImageCommand({ imageIdentifier, ...BODY, clientToken: "token-1" })),
    ours: () => image().update(BODY, "token-1"),
    answer: { imageVersion: "4.0" },
  },
  {
    operation: "UpdateMicrovmImageVersion",
    theirs: () =>
      lambda().send(
        new microvms.UpdateMicrovmImageVersionCommand({ imageIdentifier, imageVersion: "3.0", status: "INACTIVE" }),
      ),
    ours: () => image().deactivate("3.0"),
    answer: {},
  },
];

async function capture(send: () => Promise<unknown>): Promise<SeenRequest> {
  await send();
  const seen = server.requests.at(-1);
  if (seen === undefined) throw new Error("nothing was sent");
  return seen;
}

const scopeOf = ({ headers }: SeenRequest) => /Credential=[^/]+\/\d+\/([^,]+)/.exec(headers.authorization ?? "")?.[1];
const json = (text: string): unknown => (text === "" ? undefined : JSON.parse(text));

describe.each(cases)("$operation", ({ theirs, ours, answer }) => {
  it("goes over the wire as the SDK sends it", async () => {
    reply = { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
    const [expected, actual] = [await capture(theirs), await capture(ours)];

    expect([actual.method, actual.path, scopeOf(actual)]).toEqual([expected.method, expected.path, scopeOf(expected)]);
    expect([...actual.query].sort()).toEqual([...expected.query].sort());
    expect(json(actual.body)).toEqual(json(expected.body));
    expect(actual.headers["content-type"]).toBe(expected.headers["content-type"]);
  });
});

describe("S3", () => {
  beforeEach(() => {
    reply = { status: 200, body: "a zip" };
  });

  it("is asked for an object as the SDK asks, of a key that must be escaped too", async () => {
    const expected = await capture(() => s3().send(new GetObjectCommand({ Bucket: "artifacts", Key: KEY })));
    const actual = await capture(() => bucket().get(KEY));

    expect([actual.method, actual.path, scopeOf(actual)]).toEqual([expected.method, expected.path, scopeOf(expected)]);
  });

  it("is given an object as the SDK gives it", async () => {
    const Body = new TextEncoder().encode("a zip");
    const expected = await capture(() => s3().send(new PutObjectCommand({ Bucket: "artifacts", Key: KEY, Body })));
    const actual = await capture(() => bucket().put(KEY, Body));

    expect([actual.method, actual.path, scopeOf(actual)]).toEqual([expected.method, expected.path, scopeOf(expected)]);
    expect(actual.body).toContain("a zip");
  });
});

it("every operation that the functions call is held against the SDK, here or in wire.test.ts", () => {
  const read = (file: string) => readFileSync(join(PROJECT_ROOT, file), "utf8");
  const called = globSync("dispatcher/aws/*.ts", { cwd: PROJECT_ROOT }).flatMap((file) => [
    ...read(file).matchAll(/(?:operation: |name: |what = )"([A-Z][A-Za-z]+)"/g),
  ]);
  const held = ["wire.test.ts", "wire-image.test.ts"].map((file) => read(`test/dispatcher/aws/${file}`)).join();

  expect(new Set(called.map(([, name]) => name)).size).toBeGreaterThan(15);
  expect(called.map(([, name = ""]) => name).filter((name) => !held.includes(`${name}Command(`))).toEqual([]);
});

import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateMicrovmAuthTokenCommand,
  CreateMicrovmShellAuthTokenCommand,
  GetMicrovmCommand,
  LambdaMicrovmsClient,
  ListMicrovmsCommand,
  ResumeMicrovmCommand,
  RunMicrovmCommand,
  SuspendMicrovmCommand,
  TerminateMicrovmCommand,
} from "@aws-sdk/client-lambda-microvms";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { beforeAll, describe, expect, it } from "vitest";
import { FINISH_PATH, type FinishCall } from "../../contract/finish-call.ts";
import { decodeRunPayload } from "../../contract/run-payload.ts";
import { type Machine, stateOf } from "../../lab/aws/microvms/machine.ts";
import type { Job } from "../../lab/github/jobs.ts";
import { type AppliedLab, machinesOf, untilSettled } from "../e2e/applied-lab.ts";
import { deployment } from "../e2e/deployment.ts";
import { clientConfig } from "../lab/aws/support/clients.ts";
import { eventually } from "../support/eventually.ts";
import { prefixOf } from "./exercise.ts";

let lab: AppliedLab;
let prefix: string;
/** The job that attacks, and its MicroVM: everything that its steps can read is known to it. */
let hostile: Job;
let own: Machine;
/** Another job, in the middle of its work. */
let victim: Job;
let other: Machine;

beforeAll(async () => {
  lab = deployment();
  prefix = prefixOf(lab);
  hostile = lab.queueJob({ durationMs: 600_000 });
  own = await runningMachine(hostile);
  victim = lab.queueJob({ repository: "my-org/other", durationMs: 600_000 });
  other = await runningMachine(victim);
});

async function runningMachine(job: Job): Promise<Machine> {
  await eventually(() => expect(job.status).toBe("in_progress"));
  const [machine] = machinesOf(lab, job);
  if (machine === undefined) throw new Error("the job runs in no MicroVM");
  return machine;
}

/** Credentials of the execution role, which every process in the MicroVM can read. */
const asJob = () => clientConfig(lab.aws, `${prefix}-exec`);
const session = () => ({ roleName: `${prefix}-exec`, sessionName: own.id });
const arn = (rest: string) => `arn:aws:${rest}`;

describe("the credentials that a job step can take", () => {
  const microvms = () => new LambdaMicrovmsClient(asJob());
  const id = () => ({ microvmIdentifier: other.id });
  const launch = () => ({
    imageIdentifier: other.imageArn,
    executionRoleArn: arn(`iam::${lab.aws.account.accountId}:role/${prefix}-dispatcher`),
    maximumDurationInSeconds: 60,
  });
  const token = () => ({ ...id(), expirationInMinutes: 60, allowedPorts: [{ allPorts: {} }] });
  const sqs = () => new SQSClient({ ...asJob(), useQueueUrlAsEndpoint: false });
  const queue = () => ({ QueueUrl: lab.aws.queues.url(`${prefix}-jobs`) });
  const finish = () => JSON.stringify({ type: "finish", source: "vm", launchId: `${victim.id}-1` });
  const table = () => new DynamoDBClient(asJob());
  const TableName = () => `${prefix}-jobs`;
  const Key = () => ({ id: { S: `job#${victim.id}` } });
  const s3 = () => new S3Client({ ...asJob(), forcePathStyle: true });
  const code = () => {
    const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(other.version.config.codeArtifactUri) ?? [];
    return { Bucket, Key };
  };

  const attacks: [what: string, attack: () => Promise<unknown>][] = [
    ["end another MicroVM", () => microvms().send(new TerminateMicrovmCommand(id()))],
    ["end its own MicroVM", () => microvms().send(new TerminateMicrovmCommand({ microvmIdentifier: own.id }))],
    ["freeze another MicroVM", () => microvms().send(new SuspendMicrovmCommand(id()))],
    ["resume another MicroVM", () => microvms().send(new ResumeMicrovmCommand(id()))],
    ["look at another MicroVM", () => microvms().send(new GetMicrovmCommand(id()))],
    ["list the MicroVMs", () => microvms().send(new ListMicrovmsCommand({}))],
    ["launch a MicroVM", () => microvms().send(new RunMicrovmCommand({ ...launch(), executionRoleArn: undefined }))],
    ["launch one with the dispatcher's role", () => microvms().send(new RunMicrovmCommand(launch()))],
    ["get a token for another MicroVM's ports", () => microvms().send(new CreateMicrovmAuthTokenCommand(token()))],
    [
      "get a shell in another MicroVM",
      () => microvms().send(new CreateMicrovmShellAuthTokenCommand({ ...id(), expirationInMinutes: 60 })),
    ],
    ...["dispatcher", "webhook", "redeliver"].map((name): [string, () => Promise<unknown>] => [
      `read the parameter of the ${name} function`,
      () => new SSMClient(asJob()).send(new GetParameterCommand({ Name: `/${prefix}/${name}`, WithDecryption: true })),
    ]),
    ["queue a message", () => sqs().send(new SendMessageCommand({ ...queue(), MessageBody: finish() }))],
    ["take messages", () => sqs().send(new ReceiveMessageCommand(queue()))],
    ["read a job's record", () => table().send(new GetItemCommand({ TableName: TableName(), Key: Key() }))],
    ["read all records", () => table().send(new ScanCommand({ TableName: TableName() }))],
    ["write a record", () => table().send(new PutItemCommand({ TableName: TableName(), Item: Key() }))],
    ["read the image's code", () => s3().send(new GetObjectCommand(code()))],
    ["change the image's code", () => s3().send(new PutObjectCommand({ ...code(), Body: "FROM evil" }))],
    ["list the bucket", () => s3().send(new ListObjectsV2Command({ Bucket: code().Bucket }))],
  ];

  it.each(attacks)("cannot %s", async (_, attack) => {
    await expect(attack()).rejects.toThrow(
      expect.objectContaining({ name: expect.stringMatching(/^AccessDenied(Exception)?$/) }),
    );
  });

  it("cannot take on or pass a role, call a function or change one, nor change or read logs", async () => {
    const { accountId, region } = lab.aws.account;
    const role = (name: string) => arn(`iam::${accountId}:role/${prefix}-${name}`);
    const lambda = (name: string) => arn(`lambda:${region}:${accountId}:function:${prefix}-${name}`);
    const logs = lab.aws.logs.arn(own.request.logging?.logGroup ?? "");
    const wishes: [action: string, resource: string][] = [
      ...["webhook", "dispatcher", "exec", "build"].flatMap((name): [string, string][] => [
        ["sts:AssumeRole", role(name)],
        ["iam:PassRole", role(name)],
        ["iam:PutRolePolicy", role(name)],
        ["iam:UpdateAssumeRolePolicy", role(name)],
      ]),
      ...["webhook", "dispatcher"].flatMap((name): [string, string][] => [
        ["lambda:InvokeFunction", lambda(name)],
        ["lambda:UpdateFunctionCode", lambda(name)],
        ["lambda:GetFunction", lambda(name)],
      ]),
      ["lambda:UpdateMicrovmImage", own.imageArn],
      ["logs:GetLogEvents", `${logs}:log-stream:any`],
      ["logs:FilterLogEvents", logs],
      ["logs:DeleteLogStream", `${logs}:log-stream:any`],
      ["logs:DeleteLogGroup", logs],
      ["logs:PutRetentionPolicy", logs],
    ];
    for (const [action, resource] of wishes) {
      expect([action, await lab.aws.iam.isAllowed(session(), { action, resource })]).toEqual([action, false]);
    }
  });

  it("can write log streams of the MicroVMs' group, and of no other", async () => {
    const group = own.request.logging?.logGroup ?? "";
    expect(await lab.aws.logs.write(session(), group, own.id, ["a line of the job"])).toBe(true);
    for (const name of ["webhook", "dispatcher"]) {
      expect(await lab.aws.logs.write(session(), `/aws/lambda/${prefix}-${name}`, own.id, ["forged"])).toBe(false);
    }
    expect(await lab.aws.logs.write(session(), "/a/group/of/its/own", own.id, ["hidden"])).toBe(false);
  });

  it("have done no harm", () => {
    expect(stateOf(other)).toBe("RUNNING");
    expect(victim.status).toBe("in_progress");
    const denied = lab.aws.iam.decisions().filter(({ role, allowed }) => role.endsWith("-exec") && !allowed);
    expect(denied.length).toBeGreaterThan(attacks.length);
    const allowed = lab.aws.iam.decisions().filter(({ role, allowed }) => role.endsWith("-exec") && allowed);
    expect(new Set(allowed.map(({ action }) => action))).toEqual(
      new Set(["logs:CreateLogStream", "logs:PutLogEvents"]),
    );
  });
});

describe("the finish call of a hostile job", () => {
  const given = () => decodeRunPayload(own.request.runHookPayload ?? "");
  const call = (change: Partial<FinishCall> = {}): FinishCall => {
    const { launchId, finish } = given();
    return { launchId, expiresAt: finish.expiresAt, mac: finish.mac, ...change };
  };
  const post = async (body: FinishCall) =>
    (await fetch(given().finish.url, { method: "POST", body: JSON.stringify(body) })).status;
  const settled = () =>
    lab.aws.functions
      .output(`${prefix}-dispatcher`)
      .filter((line) => line.includes('"finish.settled"') && line.includes(`"launchId":"${hostile.id}-1"`)).length;
  const repeated = () =>
    lab.aws.functions.output(`${prefix}-webhook`).filter((line) => line.includes('"finish.repeated"')).length;
  const terminations = () => lab.aws.gateway.calls().filter(({ operation }) => operation === "TerminateMicrovm").length;

  it("is refused for any other launch, later time or other MAC", async () => {
    expect(new URL(given().finish.url).pathname).toBe(FINISH_PATH);
    const { finish } = given();
    expect(await post(call({ launchId: `${victim.id}-1` }))).toBe(401);
    expect(await post(call({ launchId: `${hostile.id}-2` }))).toBe(401);
    expect(await post(call({ expiresAt: finish.expiresAt + 86_400 }))).toBe(401);
    expect(await post(call({ mac: finish.mac.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }))).toBe(401);
  });

  it("does nothing the second time, and nothing to others at any time", async () => {
    lab.github.cancelJob(hostile.id);
    await eventually(() => expect(hostile.status).toBe("completed"));
    expect(await post(call())).toBe(202);
    await eventually(() => expect(stateOf(own)).toBe("TERMINATED"));
    await eventually(() => expect(lab.aws.leftovers().microvms.map(({ microvmId }) => microvmId)).toEqual([other.id]));
    await eventually(() => expect(waiting()).toBeLessThanOrEqual(1));
    expect(settled()).toBeGreaterThan(0);
    const [before, ended] = [repeated() + settled(), terminations()];
    const writes = changesOnGitHub().length;

    expect(await post(call())).toBe(202);
    // The execution environment that took the first answers by itself; another queues it, and the dispatcher finds
    // nothing to do.
    await eventually(() => expect(repeated() + settled()).toBeGreaterThan(before));

    expect(terminations()).toBe(ended);
    expect(changesOnGitHub()).toHaveLength(writes);
    expect(machinesOf(lab, hostile)).toHaveLength(1);
    expect(stateOf(other)).toBe("RUNNING");
    expect(victim.status).toBe("in_progress");
    lab.github.cancelJob(victim.id);
    await untilSettled(lab, victim);
  });

  // The victim's watch stays in the queue for as long as it runs.
  const waiting = () =>
    lab.aws.leftovers().queues.reduce((sum, { visible, delayed, inFlight }) => sum + visible + delayed + inFlight, 0);
  const changesOnGitHub = () => lab.github.calls().filter(({ method }) => method !== "GET");
});

import { type Account, regionalArn } from "./account.ts";
import type { LabClock } from "./clock.ts";
import type { Caller, Iam } from "./iam/iam.ts";
import type { Kms } from "./kms.ts";

export interface LogLine {
  timestamp: number;
  stream: string;
  message: string;
}

export interface LogGroups {
  create(name: string): void;
  /** Whether CloudWatch Logs may use the key for the group, as it finds out when the two are associated. */
  mayUse(name: string, keyArn: string): Promise<boolean>;
  delete(name: string): void;
  has(name: string): boolean;
  arn(name: string): string;
  /** What the group holds, oldest first. */
  read(name: string): readonly LogLine[];
  /** Names of all groups. */
  names(): string[];
  /** Writes as a service does on behalf of a role; false, and nothing written, when the role may not. */
  write(
    caller: Pick<Caller, "roleName" | "sessionName">,
    group: string,
    stream: string,
    lines: string[],
  ): Promise<boolean>;
}

const WRITE = ["kms:GenerateDataKey", "kms:Decrypt"];

/** CloudWatch Logs. */
export function createLogGroups(account: Account, clock: LabClock, iam: Iam, kms: Kms): LogGroups {
  const groups = new Map<string, LogLine[]>();
  const streams = new Map<string, Promise<boolean>>();
  const arn = (name: string) => regionalArn(account, "logs", `log-group:${name}`);

  async function openStream(
    caller: Pick<Caller, "roleName" | "sessionName">,
    group: string,
    stream: string,
  ): Promise<boolean> {
    if (!groups.has(group)) {
      if (!(await iam.isAllowed(caller, { action: "logs:CreateLogGroup", resource: arn(group) }))) return false;
      if (!groups.has(group)) groups.set(group, []);
    }
    return iam.isAllowed(caller, { action: "logs:CreateLogStream", resource: `${arn(group)}:log-stream:${stream}` });
  }

  // The service and its caller must both be allowed to use the key (CloudWatch Logs guide, encrypting log data, step
  // 2); the caller's rights are those of the managed policy CloudWatchLogsAPIKeyAccess.
  async function encrypt(caller: Pick<Caller, "roleName" | "sessionName">, group: string): Promise<boolean> {
    const key = kms.keyOf.get(arn(group));
    const encryptionContext = { "aws:logs:arn": arn(group) };
    if (key !== undefined && !(await kms.serviceMayUse("logs", key, WRITE, encryptionContext))) return false;
    return kms
      .authorizeUse(
        { service: "logs", resource: arn(group), actions: [...WRITE, "kms:DescribeKey"], encryptionContext },
        (request) => iam.authorize(caller, request),
      )
      .then(
        () => true,
        () => false,
      );
  }

  return {
    mayUse: (name, keyArn) => kms.serviceMayUse("logs", keyArn, WRITE, { "aws:logs:arn": arn(name) }),
    create: (name) => void groups.set(name, groups.get(name) ?? []),
    delete: (name) => void groups.delete(name),
    has: (name) => groups.has(name),
    arn,
    read: (name) => groups.get(name) ?? [],
    names: () => [...groups.keys()],
    async write(caller, group, stream, lines) {
      const timestamp = clock.now();
      const key = `${caller.roleName}\n${group}\n${stream}`;
      const opened = streams.get(key) ?? openStream(caller, group, stream);
      streams.set(key, opened);
      if (!(await opened)) return false;
      const resource = `${arn(group)}:log-stream:${stream}`;
      if (!(await iam.isAllowed(caller, { action: "logs:PutLogEvents", resource }))) return false;
      if (!(await encrypt(caller, group))) return false;
      const log = groups.get(group);
      log?.push(...lines.map((message) => ({ timestamp, stream, message })));
      return log !== undefined;
    },
  };
}

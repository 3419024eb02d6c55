import { type Account, regionalArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import { type LabClock, sleep } from "../clock.ts";
import type { Iam } from "../iam/iam.ts";
import { checkEnum, checkList, requireString } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";
import { serviceCanAssume } from "./pass-role.ts";

/** A connector of the account: the way of its MicroVMs into a VPC. */
export interface NetworkConnector {
  name: string;
  arn: string;
  state: "PENDING" | "ACTIVE" | "FAILED";
  /** Why it failed. */
  reason?: string;
  config: ConnectorConfig;
}

export interface ConnectorConfig {
  subnetIds: string[];
  securityGroupIds: string[];
  networkProtocol: string;
  operatorRole: string;
}

export interface NetworkConnectors {
  /** Starts the creation; `settled` resolves once the state is no longer PENDING. */
  create(name: string, body: Record<string, unknown>): { connector: NetworkConnector; settled: Promise<void> };
  update(arn: string, body: Record<string, unknown>): { connector: NetworkConnector; settled: Promise<void> };
  find(arn: string): NetworkConnector | undefined;
  all(): NetworkConnector[];
  delete(arn: string): void;
  /** Throws unless a MicroVM can be launched with the connector; AWS's own ones always can. */
  requireUsable(arn: string): void;
}

const NAME = { min: 1, max: 64, pattern: /^[a-zA-Z0-9-_]+$/ };

/** Connectors of an account (microvm-platform 2.7). Creating one takes minutes there, and `delayMs` here. */
export function createNetworkConnectors(deps: {
  account: Account;
  clock: LabClock;
  iam: Iam;
  delayMs: number;
}): NetworkConnectors {
  const { account, clock, iam, delayMs } = deps;
  const connectors = new Map<string, NetworkConnector>();

  // The service creates and tags network interfaces with the operator role (microvm-platform 1.9).
  async function provision(connector: NetworkConnector): Promise<void> {
    await sleep(clock, delayMs);
    const problem = await interfaceProblem(account, iam, connector.config);
    connector.state = problem === undefined ? "ACTIVE" : "FAILED";
    if (problem !== undefined) connector.reason = problem;
  }

  function get(arn: string): NetworkConnector {
    const connector = connectors.get(arn);
    if (connector === undefined) {
      throw microvmErrors.notFound(`Network connector ${arn} not found`, arn, "network-connector");
    }
    return connector;
  }

  return {
    create(name, body) {
      requireString("name", name, NAME);
      const config = readConfig(body);
      const arn = regionalArn(account, "lambda", `network-connector:${name}`);
      if (connectors.has(arn)) throw new AwsError("ConflictException", 409, `Network connector ${name} already exists`);
      const connector: NetworkConnector = { name, arn, state: "PENDING", config };
      connectors.set(arn, connector);
      return { connector, settled: provision(connector) };
    },
    update(arn, body) {
      const connector = get(arn);
      connector.config = readConfig(body);
      connector.state = "PENDING";
      return { connector, settled: provision(connector) };
    },
    find: (arn) => connectors.get(arn),
    all: () => [...connectors.values()],
    delete: (arn) => void connectors.delete(get(arn).arn),
    requireUsable(arn) {
      if (arn.includes(":aws:network-connector:")) return;
      const { state } = get(arn);
      if (state !== "ACTIVE") throw microvmErrors.validation(`Network connector ${arn} is ${state}, not ACTIVE`);
    },
  };
}

function readConfig(body: Record<string, unknown>): ConnectorConfig {
  const list = (path: string, value: unknown, low: number, high: number) => {
    const items = (checkList(path, value, high) ?? []).map((item) => requireString(path, item, { min: 1, max: 1_024 }));
    if (items.length >= low) return items;
    throw microvmErrors.validation(`Value at '${path}' failed to satisfy constraint: Member must not be empty`);
  };
  const types = list("associatedComputeResourceTypes", body.associatedComputeResourceTypes, 1, 1);
  for (const type of types) checkEnum("associatedComputeResourceTypes", type, ["MicroVm"]);
  const networkProtocol = checkEnum("networkProtocol", body.networkProtocol, ["IPv4", "DualStack"]);
  // Optional in the schema, needed all the same (microvm-platform 2.7 and 1.9).
  if (networkProtocol === undefined) throw microvmErrors.validation("NetworkProtocol is required");
  if (typeof body.operatorRole !== "string" || body.operatorRole === "") {
    throw microvmErrors.validation("NetworkConnectorOperatorRole is required for VPC_EGRESS connector type");
  }
  return {
    subnetIds: list("subnetIds", body.subnetIds, 1, 16),
    securityGroupIds: list("securityGroupIds", body.securityGroupIds, 0, 5),
    networkProtocol,
    operatorRole: body.operatorRole,
  };
}

async function interfaceProblem(account: Account, iam: Iam, config: ConnectorConfig): Promise<string | undefined> {
  if (!(await serviceCanAssume(iam, config.operatorRole))) {
    return "The service is unable to assume the provided NetworkConnectorOperatorRole";
  }
  const role = { roleName: config.operatorRole.split("/").at(-1) ?? "", sessionName: "network-connector" };
  const ec2 = (resource: string) => regionalArn(account, "ec2", resource);
  const networkInterface = ec2("network-interface/eni-0");
  // EC2 asks for the right to create an interface on each part of it.
  const needed = [
    ["ec2:CreateNetworkInterface", networkInterface],
    ...config.subnetIds.map((id) => ["ec2:CreateNetworkInterface", ec2(`subnet/${id}`)]),
    ...config.securityGroupIds.map((id) => ["ec2:CreateNetworkInterface", ec2(`security-group/${id}`)]),
    ["ec2:CreateTags", networkInterface],
  ];
  for (const [action = "", resource = ""] of needed) {
    if (!(await iam.isAllowed(role, { action, resource }))) return `${role.roleName} may not ${action} on ${resource}`;
  }
  return undefined;
}

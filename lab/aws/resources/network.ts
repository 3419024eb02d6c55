import { randomBytes } from "node:crypto";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import type { NetworkConnector, NetworkConnectors } from "../microvms/network-connectors.ts";
import { nameOf, object, text, texts } from "./values.ts";

/** Security groups; the lab moves no packets, so a group is its id alone. */
export function networkResources(account: Account, groups: Set<string>): Record<string, ResourceBehaviour> {
  return {
    aws_security_group: {
      create(planned) {
        const id = `sg-0${randomBytes(8).toString("hex")}`;
        groups.add(id);
        const arn = regionalArn(account, "ec2", `security-group/${id}`);
        return { id, arn, name: nameOf(planned), owner_id: account.accountId };
      },
      read: (state) => (groups.has(text(state, "id")) ? {} : null),
      update: () => ({}),
      delete: (state) => void groups.delete(text(state, "id")),
    },
  };
}

/** AWS::Lambda::NetworkConnector through Cloud Control, as hashicorp/awscc uses it. */
export function networkConnectorResources(
  connectors: NetworkConnectors,
  groups: ReadonlySet<string>,
): Record<string, ResourceBehaviour> {
  const attempt = async (start: () => { connector: NetworkConnector; settled: Promise<void> }): Promise<Values> => {
    let id: string | undefined;
    try {
      const { connector, settled } = start();
      id = connector.arn;
      await settled;
      if (connector.state === "ACTIVE") return { id, arn: id, state: connector.state };
      throw new Error(connector.reason);
    } catch (error: unknown) {
      // What there is goes into the state with its id alone (terraform-provider-awscc, internal/generic/resource.go,
      // Create).
      throw failed(error instanceof Error ? error.message : String(error), id === undefined ? undefined : { id });
    }
  };
  const request = (planned: Values): Record<string, unknown> => {
    const vpc = object(object(planned, "configuration"), "vpc_egress_configuration");
    const securityGroupIds = texts(vpc, "security_group_ids");
    const stranger = securityGroupIds.find((id) => !groups.has(id));
    if (stranger !== undefined) throw failed(`The security group '${stranger}' does not exist`);
    return {
      subnetIds: texts(vpc, "subnet_ids"),
      securityGroupIds,
      networkProtocol: vpc.network_protocol ?? undefined,
      associatedComputeResourceTypes: texts(vpc, "associated_compute_resource_types"),
      operatorRole: text(planned, "operator_role"),
    };
  };
  return {
    awscc_lambda_network_connector: {
      replacedBy: ["name"],
      volatile: ["state"],
      async create(planned) {
        const name = nameOf(planned);
        return { ...(await attempt(() => connectors.create(name, request(planned)))), name };
      },
      read(state) {
        const connector = connectors.find(text(state, "id"));
        return connector === undefined ? null : { state: connector.state };
      },
      update: (planned, prior) => attempt(() => connectors.update(text(prior, "id"), request(planned))),
      delete: (state) => connectors.delete(text(state, "id")),
    },
  };
}

function failed(message: string, left?: Values): ProviderError {
  return new ProviderError(
    `AWS SDK Go Service Operation Incomplete: Waiting for Cloud Control API service operation completion returned: waiter state transitioned to FAILED. StatusMessage: ${message} ErrorCode: InvalidRequest`,
    left,
  );
}

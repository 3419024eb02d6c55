import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeyType,
  type ScalarAttributeType,
} from "@aws-sdk/client-dynamodb";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { regionalArn } from "../account.ts";
import type { StorageDeps } from "./storage-deps.ts";
import { number, object, objects, setKey, text } from "./values.ts";

/** Tables of DynamoDB. */
export function tableResource(deps: StorageDeps): ResourceBehaviour {
  const client = () =>
    new DynamoDBClient({
      endpoint: deps.emulators.dynamodbAddress,
      region: deps.account.region,
      credentials: { accessKeyId: "terraform", secretAccessKey: "terraform" },
    });
  const arnOf = (planned: Values) => regionalArn(deps.account, "dynamodb", `table/${text(planned, "name")}`);
  const setTableKey = (planned: Values) =>
    setKey(deps.kms, arnOf(planned), object(planned, "server_side_encryption"), "kms_key_arn");
  const isScalar = (type: string): type is ScalarAttributeType => ["S", "N", "B"].includes(type);
  return {
    async create(planned) {
      const name = text(planned, "name");
      const provisioned = text(planned, "billing_mode") === "PROVISIONED";
      const keys: [string, KeyType][] = [
        [text(planned, "hash_key"), "HASH"],
        [text(planned, "range_key"), "RANGE"],
      ];
      try {
        await client().send(
          new CreateTableCommand({
            TableName: name,
            BillingMode: provisioned ? "PROVISIONED" : "PAY_PER_REQUEST",
            ...(provisioned
              ? {
                  ProvisionedThroughput: {
                    ReadCapacityUnits: number(planned, "read_capacity", 1),
                    WriteCapacityUnits: number(planned, "write_capacity", 1),
                  },
                }
              : {}),
            AttributeDefinitions: objects(planned, "attribute").map((attribute) => {
              const type = text(attribute, "type");
              return { AttributeName: text(attribute, "name"), AttributeType: isScalar(type) ? type : "S" };
            }),
            KeySchema: keys
              .filter(([key]) => key !== "")
              .map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
          }),
        );
      } catch (error: unknown) {
        throw new ProviderError(
          `creating DynamoDB Table (${name}): ${error instanceof Error ? error.message : "unknown"}`,
        );
      }
      if (object(planned, "ttl").enabled === true && text(object(planned, "ttl"), "attribute_name") === "") {
        throw new ProviderError(
          `updating DynamoDB Table (${name}) TTL: ValidationException: AttributeName must not be empty`,
        );
      }
      setTableKey(planned);
      return { id: name, arn: arnOf(planned) };
    },
    async read(state) {
      const found = await client()
        .send(new DescribeTableCommand({ TableName: text(state, "name") }))
        .catch(() => undefined);
      return found === undefined ? null : {};
    },
    update(planned) {
      setTableKey(planned);
      return {};
    },
    async delete(state) {
      await client().send(new DeleteTableCommand({ TableName: text(state, "name") }));
      deps.kms.keyOf.delete(arnOf(state));
    },
  };
}

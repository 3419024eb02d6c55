import { type Account, regionalArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import { forward } from "../gateway/forward.ts";
import { jsonBody, type Service, stringMember } from "../gateway/service.ts";

const OPERATIONS = new Set(["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"]);

/** DynamoDB: authorised here, carried out by dynalite. */
export function createDynamodbService(account: Account, address: string): Service {
  return {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^DynamoDB_20120810\./, "");
      if (!OPERATIONS.has(operation)) {
        throw new AwsError("UnknownOperationException", 400, `the lab's DynamoDB has no operation '${operation}'`);
      }
      return operation;
    },
    async perform(request, { operation, authorize }) {
      const body = jsonBody(request);
      const table = stringMember(body, "TableName").replace(/^arn:.*:table\//, "");
      const index = stringMember(body, "IndexName");
      await authorize({
        action: `dynamodb:${operation}`,
        resource: regionalArn(account, "dynamodb", `table/${table}${index === "" ? "" : `/index/${index}`}`),
      });
      return forward(address, { ...request, target: "/" });
    },
  };
}

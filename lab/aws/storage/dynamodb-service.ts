import { type Account, regionalArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import { forward } from "../gateway/forward.ts";
import { type CallContext, jsonBody, type Service, stringMember } from "../gateway/service.ts";
import { inWordsOf, type Kms } from "../kms.ts";

const OPERATIONS = new Set(["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"]);

/** DynamoDB: authorised here, carried out by dynalite. */
export function createDynamodbService(account: Account, address: string, kms: Kms): Service {
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
      const resource = regionalArn(account, "dynamodb", `table/${table}`);
      await authorize({
        action: `dynamodb:${operation}`,
        resource: index === "" ? resource : `${resource}/index/${index}`,
      });
      if (operation !== "DescribeTable") await decryptTableKey(kms, account, resource, authorize);
      return forward(address, { ...request, target: "/" });
    },
  };
}

// Every call that touches items decrypts the key of the table with its caller's rights, PutItem too (aws-cdk issue
// 10010 has the error of an account).
async function decryptTableKey(
  kms: Kms,
  account: Account,
  resource: string,
  authorize: CallContext["authorize"],
): Promise<void> {
  const encryptionContext = {
    "aws:dynamodb:tableName": resource.split("/").at(-1) ?? "",
    "aws:dynamodb:subscriberId": account.accountId,
  };
  await inWordsOf(
    (message) =>
      new AwsError(
        "AccessDeniedException",
        400,
        `KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: ${message}`,
      ),
    () => kms.authorizeUse({ service: "dynamodb", resource, actions: ["kms:Decrypt"], encryptionContext }, authorize),
  );
}

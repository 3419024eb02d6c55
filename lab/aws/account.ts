/** Where everything of a simulated account lives. */
export interface Account {
  partition: string;
  region: string;
  accountId: string;
}

/** An account that has nothing of a real one. */
export const LAB_ACCOUNT: Account = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };

/** ARN of a resource in the account's Region. */
export function regionalArn(account: Account, service: string, resource: string): string {
  return `arn:${account.partition}:${service}:${account.region}:${account.accountId}:${resource}`;
}

/** ARN of an IAM resource: IAM has no Region. */
export function iamArn(account: Account, resource: string): string {
  return `arn:${account.partition}:iam::${account.accountId}:${resource}`;
}

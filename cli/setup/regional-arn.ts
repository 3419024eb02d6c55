/** ARN of what an account has in a Region. */
export function regionalArn(
  { partition, region, account }: { partition: string; region: string; account: string },
  service: string,
  resource: string,
): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

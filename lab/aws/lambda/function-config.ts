/** What a function is, as CreateFunction takes it. */
export interface FunctionConfig {
  name: string;
  roleArn: string;
  handler: string;
  runtime: string;
  architecture: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  zip: Uint8Array;
  /** `/aws/lambda/NAME` unless the logging configuration says otherwise. */
  logGroup: string;
  /** Absent: limited by the account only. */
  reservedConcurrency?: number;
}

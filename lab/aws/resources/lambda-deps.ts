import type { Account } from "../account.ts";
import type { Iam } from "../iam/iam.ts";
import type { EventSourceMapping, MappingConfig } from "../lambda/event-source-mapping.ts";
import type { FunctionUrls } from "../lambda/function-urls.ts";
import type { Functions } from "../lambda/functions.ts";
import type { Queues } from "../storage/queues.ts";

/** What Terraform's Lambda resources work on. */
export interface LambdaDeps {
  account: Account;
  iam: Iam;
  functions: Functions;
  urls: FunctionUrls;
  queues: Queues;
  workingDirectory(): string;
  mappings: Map<string, EventSourceMapping>;
  startMapping(config: MappingConfig): EventSourceMapping;
}

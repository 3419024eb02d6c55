import type { AwsReader } from "./aws/aws-reader.ts";
import { QUOTAS, type QuotaViews } from "./core/judge-quotas.ts";
import { reading } from "./reading.ts";

/** The quotas that bound how many jobs run, as far as they may be read. */
export async function readQuotas(aws: Pick<AwsReader, "quota">): Promise<Pick<QuotaViews, keyof typeof QUOTAS>> {
  return {
    functions: await reading(() => aws.quota(QUOTAS.functions)),
    memory: await reading(() => aws.quota(QUOTAS.memory)),
    launches: await reading(() => aws.quota(QUOTAS.launches)),
  };
}

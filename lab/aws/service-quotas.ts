import { type Account, regionalArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import { jsonBody, jsonReply, type Service, stringMember } from "./gateway/service.ts";

export interface ServiceQuotas {
  readonly service: Service;
  /** Gives the account another value for a quota of Lambda. */
  set(code: string, value: number): void;
}

/**
 * What a settled account has in most Regions (docs/PLATFORM-NOTES.md#errors-and-quotas); memory in GB, launches a
 * second.
 */
const DEFAULTS: Readonly<Record<string, number>> = { "L-CD1C0CC4": 400, "L-535CA9B6": 5 };
/** Concurrent executions of functions. */
const CONCURRENCY = "L-B99A9384";

/** Service Quotas, as far as looking at one quota of Lambda goes. */
export function createServiceQuotas(account: Account, accountConcurrency: number): ServiceQuotas {
  const values = new Map(Object.entries({ ...DEFAULTS, [CONCURRENCY]: accountConcurrency }));
  const service: Service = {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^ServiceQuotasV20190624\./, "");
      if (operation === "GetServiceQuota") return operation;
      throw new AwsError("UnknownOperationException", 400, `the lab's Service Quotas have no operation '${operation}'`);
    },
    async perform(request, { authorize }) {
      const body = jsonBody(request);
      const [serviceCode, quotaCode] = [stringMember(body, "ServiceCode"), stringMember(body, "QuotaCode")];
      const arn = regionalArn(account, "servicequotas", `${serviceCode}/${quotaCode}`);
      await authorize({
        action: "servicequotas:GetServiceQuota",
        resource: arn,
        context: { "servicequotas:service": serviceCode },
      });
      const Value = serviceCode === "lambda" ? values.get(quotaCode) : undefined;
      if (Value === undefined)
        throw new AwsError("NoSuchResourceException", 400, "The specified quota does not exist.");
      const Quota = { ServiceCode: serviceCode, QuotaCode: quotaCode, QuotaArn: arn, Value, GlobalQuota: false };
      return jsonReply(200, { Quota }, "application/x-amz-json-1.1");
    },
  };
  return { service, set: (code, value) => void values.set(code, value) };
}

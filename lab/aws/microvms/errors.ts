import { AwsError } from "../aws-error.ts";

/**
 * The service's errors with their HTTP codes (microvm-platform 1.1): a quota is 402 and missing capacity 500, so that a
 * client which goes by status treats both wrongly.
 */
export const microvmErrors = {
  validation: (message: string) => new AwsError("ValidationException", 400, message),
  accessDenied: (message: string) => new AwsError("AccessDeniedException", 403, message),
  notFound: (message: string, resourceId: string, resourceType: string) =>
    new AwsError("ResourceNotFoundException", 404, message, { members: { resourceId, resourceType } }),
  conflict: (message: string, resourceId: string, resourceType: string) =>
    new AwsError("ConflictException", 409, message, { members: { resourceId, resourceType } }),
  quotaExceeded: (message: string, quotaCode: string) =>
    new AwsError("ServiceQuotaExceededException", 402, message, { members: { serviceCode: "lambda", quotaCode } }),
  throttling: (quotaCode: string | undefined, retryAfterSeconds = 1) =>
    new AwsError("ThrottlingException", 429, "Rate exceeded", {
      members: { serviceCode: "lambda", ...(quotaCode ? { quotaCode } : {}) },
      headers: { "retry-after": String(retryAfterSeconds) },
    }),
  insufficientCapacity: () =>
    new AwsError("InsufficientCapacityException", 500, "There is not enough capacity to fulfill the request."),
  internal: () =>
    new AwsError("InternalServerException", 500, "An internal error occurred.", { headers: { "retry-after": "1" } }),
};

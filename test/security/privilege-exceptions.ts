import type { Exception } from "./privileges.ts";

const OWN_LOG_STREAMS = /^arn:aws:logs:[\w-]+:\d{12}:log-group:\/aws\/[\w/-]+:\*$/;
const OWN_IMAGES_STREAMS = /^arn:aws:logs:[\w-]+:\d{12}:log-group:\/aws\/lambda-microvms\/[\w-]+-runner-\*:\*$/;
const OF_EACH_CLASS =
  "the image of a class may come or go at any apply, and no policy may change in the second before its build";

/** CloudWatch Logs names a stream when it opens it: only the group can be named in advance. */
function writesLogs(
  role: string,
  resource = OWN_LOG_STREAMS,
  reason = "the names of the streams in its own log group are not known in advance",
): Exception[] {
  return ["logs:CreateLogStream", "logs:PutLogEvents"].map((action) => ({ role, action, resource, reason }));
}

/**
 * The grants that may hold a wildcard or go unused, each with its reason; one that is needed no more fails the test.
 */
export const PRIVILEGE_EXCEPTIONS: readonly Exception[] = [
  ...["webhook", "dispatcher", "redeliver", "prune", "refresh"].flatMap((role) => writesLogs(role)),
  ...["exec", "build"].flatMap((role) => writesLogs(role, OWN_IMAGES_STREAMS, OF_EACH_CLASS)),
  {
    role: "prune",
    action: "lambda:ListMicrovms",
    resource: /^\*$/,
    reason: "the reference gives the action no resource",
  },
  {
    role: "prune",
    action: "lambda:DeleteMicrovmImageVersion",
    resource: /:microvm-image:[\w-]+:\*$/,
    reason: "as for the dispatcher: the call names a version",
  },
  ...[
    "lambda:GetMicrovmImage",
    "lambda:GetMicrovmImageVersion",
    "lambda:ListMicrovmImageBuilds",
    "lambda:ListMicrovmImageVersions",
    "lambda:UpdateMicrovmImage",
    "lambda:UpdateMicrovmImageVersion",
  ].map((action) => ({
    role: "refresh",
    action,
    resource: /:microvm-image:[\w-]+:\*$/,
    reason: "as for the dispatcher: a call may name a version",
  })),
  {
    role: "refresh",
    action: "lambda:ListMicrovmImageBuilds",
    resource: /:microvm-image:[\w-]+$/,
    reason: "asked when a build has failed, as test/module/refresh.prove.test.ts has it fail",
  },
  ...[
    { role: "refresh", action: "s3:GetObject", resource: /\/microvm\/\*$/ },
    { role: "refresh", action: "s3:PutObject", resource: /\/microvm\/refreshed\/\*$/ },
    { role: "build", action: "s3:GetObject", resource: /\/microvm\/\*$/ },
  ].map((grant) => ({ ...grant, reason: "a build context is named by the hash of its contents" })),
  ...["lambda:GetMicrovm", "lambda:RunMicrovm", "lambda:TerminateMicrovm"].flatMap((action) => [
    {
      role: "dispatcher",
      action,
      resource: /:microvm-image:[\w-]+-runner-\*$/,
      reason: `MicroVMs of an image run on when another takes its place, and ${OF_EACH_CLASS}`,
    },
    {
      role: "dispatcher",
      action,
      resource: /:microvm-image:[\w-]+-runner-\*:\*$/,
      reason:
        "the reference does not say whether a call that names a version is authorised on the version; it is the same image",
    },
  ]),
];

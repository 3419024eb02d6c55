import { AwsError } from "../aws-error.ts";

export interface Route {
  operation: string;
  /** Decoded path parameters. */
  parameters: Record<string, string>;
  query: URLSearchParams;
}

/** REST-JSON paths of apiVersion 2025-09-09 (microvm-platform 1.1). */
const ROUTES: [method: string, path: string, operation: string][] = [
  ["POST", "/2025-09-09/microvms", "RunMicrovm"],
  ["GET", "/2025-09-09/microvms", "ListMicrovms"],
  ["GET", "/2025-09-09/microvms/{microvmIdentifier}", "GetMicrovm"],
  ["DELETE", "/2025-09-09/microvms/{microvmIdentifier}", "TerminateMicrovm"],
  ["POST", "/2025-09-09/microvms/{microvmIdentifier}/suspend", "SuspendMicrovm"],
  ["POST", "/2025-09-09/microvms/{microvmIdentifier}/resume", "ResumeMicrovm"],
  ["POST", "/2025-09-09/microvms/{microvmIdentifier}/auth-token", "CreateMicrovmAuthToken"],
  ["POST", "/2025-09-09/microvms/{microvmIdentifier}/shell-auth-token", "CreateMicrovmShellAuthToken"],
  ["POST", "/2025-09-09/microvm-images", "CreateMicrovmImage"],
  ["GET", "/2025-09-09/microvm-images", "ListMicrovmImages"],
  ["GET", "/2025-09-09/microvm-images/{imageIdentifier}", "GetMicrovmImage"],
  ["PUT", "/2025-09-09/microvm-images/{imageIdentifier}", "UpdateMicrovmImage"],
  ["DELETE", "/2025-09-09/microvm-images/{imageIdentifier}", "DeleteMicrovmImage"],
  ["GET", "/2025-09-09/microvm-images/{imageIdentifier}/versions", "ListMicrovmImageVersions"],
  ["GET", "/2025-09-09/microvm-images/{imageIdentifier}/versions/{imageVersion}", "GetMicrovmImageVersion"],
  ["PATCH", "/2025-09-09/microvm-images/{imageIdentifier}/versions/{imageVersion}", "UpdateMicrovmImageVersion"],
  ["DELETE", "/2025-09-09/microvm-images/{imageIdentifier}/versions/{imageVersion}", "DeleteMicrovmImageVersion"],
  ["GET", "/2025-09-09/microvm-images/{imageIdentifier}/versions/{imageVersion}/builds", "ListMicrovmImageBuilds"],
  [
    "GET",
    "/2025-09-09/microvm-images/{imageIdentifier}/versions/{imageVersion}/builds/{buildId}",
    "GetMicrovmImageBuild",
  ],
  ["GET", "/2025-09-09/managed-microvm-images", "ListManagedMicrovmImages"],
  ["GET", "/2025-09-09/managed-microvm-images/{imageIdentifier}/versions", "ListManagedMicrovmImageVersions"],
];

const COMPILED = ROUTES.map(([method, path, operation]) => ({
  method,
  operation,
  names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""),
  // A parameter is one segment: a slash or a colon in it has to be percent-encoded (microvm-platform 1).
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "([^/:]+)")}$`),
}));

/** Finds the operation; an unknown path is answered with an HTML page, as the service does. */
export function findRoute(method: string, target: string): Route {
  const [path = "", query = ""] = target.split("?");
  for (const route of COMPILED) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match === null) continue;
    const values = match.slice(1).map((value) => decodeURIComponent(value));
    return {
      operation: route.operation,
      parameters: Object.fromEntries(route.names.map((name, index) => [name, values[index] ?? ""])),
      query: new URLSearchParams(query),
    };
  }
  throw new AwsError("UnknownOperationException", 404, "<html><body><h1>404 Not Found</h1></body></html>", {
    headers: { "content-type": "text/html" },
  });
}

/**
 * What a call may meet: a status, nothing at all (`timeout`: the connection is cut and nothing happened), or
 * `timeout-after-effect` (the connection is cut when all has happened).
 */
export type ApiFault = number | "timeout" | "timeout-after-effect";

export interface ApiFaults {
  /**
   * The next `times` calls of the route meet the fault. A route is `METHOD /path`, as in the API description
   * (`POST /repos/{owner}/{repo}/actions/runners/generate-jitconfig`), `*` standing for any text; or a pattern for
   * `METHOD /path` with the values in it.
   */
  failNext(route: string | RegExp, fault: ApiFault, times?: number): void;
  take(method: string, route: string, path: string): ApiFault | undefined;
}

/** The faults that a test has planned. */
export function createApiFaults(): ApiFaults {
  const planned: {
    matches: (method: string, route: string, path: string) => boolean;
    fault: ApiFault;
    left: number;
  }[] = [];
  return {
    failNext(route, fault, times = 1) {
      planned.push({ matches: matcher(route), fault, left: times });
    },
    take(method, route, path) {
      const found = planned.find(({ matches, left }) => left > 0 && matches(method, route, path));
      if (found === undefined) return undefined;
      found.left -= 1;
      return found.fault;
    },
  };
}

function matcher(route: string | RegExp): (method: string, route: string, path: string) => boolean {
  if (route instanceof RegExp) return (method, _, path) => route.test(`${method} ${path}`);
  const text = route.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`^${text.join(".*")}$`, "i");
  return (method, template, path) => pattern.test(`${method} ${template}`) || pattern.test(`${method} ${path}`);
}

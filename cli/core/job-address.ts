/** What names a job: its URL as the browser shows it, or its id alone. */
export interface JobAddress {
  jobId: number;
  /** Absent in a bare id. */
  host?: string;
  /** `owner/name`. */
  repository?: string;
}

const PATH = /^\/([A-Za-z0-9-_.]+\/[A-Za-z0-9-_.]+)\/actions\/runs\/\d+(?:\/attempts\/\d+)?\/job\/(\d{1,16})\/?$/;

/** Reads a job's URL or id; undefined when it is neither. */
export function parseJobAddress(text: string): JobAddress | undefined {
  if (/^[1-9]\d{0,15}$/.test(text)) return { jobId: Number(text) };
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname } = new URL(text);
  const [, repository, id] = PATH.exec(pathname) ?? [];
  if (!/^https?:$/.test(protocol) || repository === undefined || Number(id) === 0) return undefined;
  return { jobId: Number(id), host, repository };
}

/** Host of the pages that belong to an API: `api.` stands before it, but for GitHub Enterprise Server. */
export function webHostOf(apiUrl: string): string {
  const { host, pathname } = new URL(apiUrl);
  return pathname.startsWith("/api/") ? host : host.replace(/^api\./, "");
}

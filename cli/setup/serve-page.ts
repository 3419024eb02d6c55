import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "../usage-error.ts";
import { type PageView, printPage, printProblem, statusOf } from "./page.ts";

export interface PageOptions {
  /** 0: any that is free. */
  port: number;
  /** Of GitHub's pages: where the form may lead. */
  githubUrl: string;
  /** What to show; told where GitHub is to send the browser back to, and with which state. */
  view(back: { redirectUrl: string; state: string }): PageView;
  /** GitHub made the App and sent its code; the page shows what becomes of it, and waits for nothing. */
  onCode(code: string): void;
}

export interface SetupPage {
  port: number;
  /** Good once. */
  startUrl: string;
  /** Takes the address that a browser elsewhere could not reach; false where it is not the one that is waited for. */
  paste(address: string): boolean;
  /** Resolves when a browser was shown the last page. */
  done: Promise<void>;
  close(): Promise<void>;
}

const COOKIE = "gha-microvm-setup";
const SECRET_BYTES = 16;
const OUR_HOSTS = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/** Serves the page on this machine alone, to the one browser that opened its start address. */
export async function servePage(options: PageOptions): Promise<SetupPage> {
  const page = new Page(options);
  const server = createServer((request, response) => {
    page.answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new UsageError(
          `port ${options.port} cannot be listened on (${error.code ?? error.message}): choose another --port`,
        ),
      ),
    );
    server.listen(options.port, "127.0.0.1", resolve);
  });
  // A TCP server that listens has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    startUrl: `http://127.0.0.1:${port}/start?key=${page.key}`,
    paste: (address) => page.paste(address),
    done: page.done,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

class Page {
  readonly #options: PageOptions;
  readonly #cookie = secret();
  #state = secret();
  #key: string | undefined = secret();
  readonly key = this.#key;
  #showed: () => void = () => undefined;
  readonly done = new Promise<void>((resolve) => {
    this.#showed = resolve;
  });

  constructor(options: PageOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = request.headers.host ?? "";
    // Another name for this machine is how a page of somebody else would reach it (DNS rebinding).
    if (!OUR_HOSTS.test(host))
      return refuse(response, 421, "Not this host", "Open the address that the terminal shows.");
    const url = new URL(request.url ?? "/", `http://${host}`);
    if (request.method !== "GET")
      return refuse(response, 405, "Not that way", "This page is read, and nothing is sent to it.");
    if (url.pathname === "/start") return this.#start(url, response);
    if (!this.#isOurs(request)) {
      return refuse(
        response,
        403,
        "Another browser",
        "Open the address that the terminal shows: it is good for one browser.",
      );
    }
    if (url.pathname === "/created") return this.#created(url, response);
    const view = this.#options.view({ redirectUrl: `${url.origin}/created`, state: this.#state });
    if (url.pathname === "/status")
      return send(response, 200, JSON.stringify(statusOf(view)), this.#headers("", "application/json"));
    if (url.pathname !== "/") return refuse(response, 404, "No such page", "There is one page alone.");
    const nonce = secret();
    send(response, 200, printPage(view, nonce), this.#headers(nonce));
    if (view.step === "done") this.#showed();
  }

  paste(address: string): boolean {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.pathname !== "/created") return false;
    return this.#take(url);
  }

  #start(url: URL, response: ServerResponse): void {
    if (this.#key === undefined || !same(url.searchParams.get("key") ?? "", this.#key)) {
      refuse(response, 403, "Used, or not the address", "The address is good once. Run the command again for another.");
      return;
    }
    this.#key = undefined;
    const cookie = `${COOKIE}=${this.#cookie}; Path=/; HttpOnly; SameSite=Lax`;
    send(response, 303, "", { ...this.#headers(""), location: "/", "set-cookie": cookie });
  }

  #created(url: URL, response: ServerResponse): void {
    if (!this.#take(url)) {
      refuse(response, 403, "Not the answer that is waited for", "Go back, and press the button again.");
      return;
    }
    send(response, 303, "", { ...this.#headers(""), location: "/" });
  }

  /** A state is good once, and a wrong one ends nothing. */
  #take(url: URL): boolean {
    const code = url.searchParams.get("code") ?? "";
    if (code === "" || !same(url.searchParams.get("state") ?? "", this.#state)) return false;
    this.#state = secret();
    this.#options.onCode(code);
    return true;
  }

  #isOurs(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? "").split(/; */);
    const given = cookies.find((each) => each.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
    return given !== undefined && same(given, this.#cookie);
  }

  #headers(nonce: string, type = "text/html; charset=utf-8"): Record<string, string> {
    return headersFor(nonce, formAction(this.#options.githubUrl), type);
  }
}

/** By https alone: GitHub may send the form on to an organization's own sign-on host, whose name nobody knows. */
function formAction(githubUrl: string): string {
  return githubUrl.startsWith("https:") ? "https:" : new URL(githubUrl).origin;
}

function headersFor(nonce: string, forms: string, type = "text/html; charset=utf-8"): Record<string, string> {
  const own = nonce === "" ? [] : [`style-src 'nonce-${nonce}'`, `script-src 'nonce-${nonce}'`, "connect-src 'self'"];
  return {
    "content-type": type,
    "content-security-policy": [
      "default-src 'none'",
      ...own,
      `form-action ${forms}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    // The origin goes along, without which GitHub's form would come from nowhere; the path does not.
    "referrer-policy": "strict-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
}

function refuse(response: ServerResponse, status: number, title: string, text: string): void {
  const nonce = secret();
  send(response, status, printProblem(title, text, nonce), headersFor(nonce, "'none'"));
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string>): void {
  response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(body);
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString("hex");
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

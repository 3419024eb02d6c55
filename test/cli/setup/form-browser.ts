import { eventually } from "../../support/eventually.ts";

/** A browser without a picture: it keeps cookies, follows redirects, and sends forms with where they come from. */
export interface FormBrowser {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  /** Pages and forms asked for so far. */
  readonly clicks: number;
  open(url: string): Promise<unknown>;
  /** Loads the page anew, as its script does, until it has the text; counts as no click. */
  until(text: string): Promise<void>;
  /** Presses the only button, having typed into fields. */
  press(typed?: Record<string, string>): Promise<unknown>;
  follow(text: string): Promise<void>;
  /** As press, to another address than the form's. */
  submitTo(url: string): Promise<unknown>;
  /** As press, to where this machine cannot go: the address that it is sent to. */
  pressWithoutFollowing(): Promise<string>;
}

export function formBrowser(): FormBrowser {
  const cookies = new Map<string, string>();
  const state = { url: "", status: 0, html: "", clicks: 0 };

  async function go(url: string, init: RequestInit = {}, follows = true): Promise<string> {
    const { host } = new URL(url);
    const cookie = cookies.get(host);
    const headers = { ...init.headers, ...(cookie === undefined ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    const [given] = (response.headers.get("set-cookie") ?? "").split(";");
    if (given) cookies.set(host, given);
    const location = response.headers.get("location");
    if (location !== null && !follows) return location;
    if (location !== null) return go(new URL(location, url).toString());
    Object.assign(state, { url, status: response.status, html: await response.text() });
    return url;
  }

  function formAction(): string {
    const found = /<form[^>]* action="([^"]*)"/.exec(state.html)?.[1];
    return new URL(decode(found) ?? "", state.url).toString();
  }

  /** Sends the page's form, and answers where it was sent to. */
  async function submit(target: string, typed: Record<string, string>, follows = true): Promise<string> {
    state.clicks += 1;
    const { html, url } = state;
    const fields = [...html.matchAll(/<input([^>]*)>/g)].flatMap(([, text = ""]) => {
      const named = (name: string) => decode(new RegExp(` ${name}="([^"]*)"`).exec(text)?.[1]);
      const isOff = named("type") === "radio" && !/ checked/.test(text);
      return named("name") === undefined || isOff ? [] : [[named("name") ?? "", named("value") ?? ""]];
    });
    const body = new URLSearchParams({ ...Object.fromEntries(fields), ...typed });
    const origin = new URL(url).origin;
    return go(target, { method: "POST", body, headers: { origin } }, follows);
  }

  return {
    get url() {
      return state.url;
    },
    get status() {
      return state.status;
    },
    get html() {
      return state.html;
    },
    get clicks() {
      return state.clicks;
    },
    open: (url) => go(url),
    until: (text) =>
      eventually(async () => {
        if (!state.html.includes(text)) await go(new URL("/", state.url).toString());
        if (!state.html.includes(text)) throw new Error(`"${text}" is not in ${state.html}`);
      }),
    press: (typed = {}) => submit(formAction(), typed),
    submitTo: (url) => submit(url, {}),
    pressWithoutFollowing: () => submit(formAction(), {}, false),
    async follow(text) {
      state.clicks += 1;
      const links = [...state.html.matchAll(/<a[^>]* href="([^"]*)"[^>]*>([^<]*)<\/a>/g)];
      const found = links.find(([, , label]) => label?.includes(text));
      if (found === undefined) throw new Error(`there is no link "${text}" in ${state.html}`);
      await go(new URL(decode(found[1]) ?? "", state.url).toString());
    },
  };
}

function decode(text: string | undefined): string | undefined {
  return text
    ?.replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

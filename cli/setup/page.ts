import { APP_PERMISSIONS, accessLabel, requested } from "../../contract/permissions.ts";
import { permissionsFor, type Wish } from "./core/wish.ts";
import { Html, html } from "./html.ts";

/** What the page shows, step by step. */
export type PageView =
  | { step: "create"; wish: Wish; action: string; manifest: string; problem?: string | undefined }
  | { step: "working"; text: string }
  | { step: "install"; owner: string; installUrl: string; status: string }
  | { step: "done"; text: string };

const TITLES = {
  create: "Make the GitHub App",
  working: "One moment",
  install: "Install the GitHub App",
  done: "Back to the terminal",
} as const;
const STEPS = ["create", "install", "done"] as const;

/** The page of a step; style and script are allowed by the nonce alone, and nothing is loaded. */
export function printPage(view: PageView, nonce: string): string {
  const refresh = view.step === "install" || view.step === "working";
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${TITLES[view.step]} - gha-microvm</title>
<style nonce="${nonce}">${STYLE}</style>
${refresh ? html`<noscript><meta http-equiv="refresh" content="4"></noscript>` : html``}
</head>
<body data-step="${view.step}" data-status="${statusOf(view).status}">
<header><p>gha-microvm set-up</p>
<ol aria-label="Steps">${STEPS.map((step, index) => stepItem(step, index, view.step))}</ol></header>
<main>
<h1>${TITLES[view.step]}</h1>
${bodyOf(view)}
</main>
${refresh ? html`<script nonce="${nonce}">${SCRIPT}</script>` : html``}
</body>
</html>
`.text;
}

function stepItem(step: (typeof STEPS)[number], index: number, now: PageView["step"]): Html {
  const current = step === now || (step === "install" && now === "working");
  return html`<li${current ? html` aria-current="step"` : html``}>${index + 1}. ${TITLES[step]}</li>`;
}

function bodyOf(view: PageView): Html {
  if (view.step === "create") return createBody(view);
  if (view.step === "working") return html`<p role="status">${view.text}</p>`;
  if (view.step === "done") return html`<p role="status">${view.text}</p><p>This tab can be closed.</p>`;
  return html`<p>${view.owner} has the App now. Install it, for all repositories or for some.</p>
<p><a class="button" href="${view.installUrl}" target="_blank" rel="noopener">Install in ${view.owner}</a></p>
<p role="status" id="status">${view.status}</p>
<p>GitHub opens in another tab. Nothing needs to be copied: the terminal goes on by itself.</p>`;
}

function createBody({ wish, action, manifest, problem }: Extract<PageView, { step: "create" }>): Html {
  const { owner, ownerType } = wish;
  return html`${problem === undefined ? html`` : html`<p role="alert">${problem}</p>`}
<p>GitHub makes an App that belongs to ${owner}, and hands its private key to the terminal. It may:</p>
<table><thead><tr><th scope="col">Permission</th><th scope="col">Access</th><th scope="col">Why</th></tr></thead>
<tbody>${requested(permissionsFor(wish)).map(([key, level]) => permissionRow(key, level))}</tbody></table>
${"administration" in permissionsFor(wish) ? ADMINISTRATION : html``}
<form method="post" action="${action}"><input type="hidden" name="manifest" value="${manifest}">
<button>Create on GitHub</button></form>
<p>Be signed in at GitHub as ${ownerType === "User" ? owner : html`an owner of ${owner}`}. A page not found means that you are not;
an empty form means that you had to sign in first: come back here and press again. A name that is already taken may be that of
an App that an earlier run made: generate a key in its settings, and run <code>setup --app-id NUMBER --key-file FILE.pem</code>.</p>`;
}

const ADMINISTRATION = html`<p>GitHub has no smaller permission for registering runners in a repository: Administration may also change
its settings and delete it. Every token is narrowed to one repository and used for runners alone. A runner group avoids it:
<code>--runner-group ID</code>.</p>`;

function permissionRow(key: keyof typeof APP_PERMISSIONS, level: "read" | "write"): Html {
  const { section, setting, why } = APP_PERMISSIONS[key];
  return html`<tr><th scope="row">${section}: ${setting}</th><td>${accessLabel(level)}</td><td>${why.replaceAll("`", "")}</td></tr>`;
}

/** A page of its own for what went wrong. */
export function printProblem(title: string, text: string, nonce: string): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} - gha-microvm</title><style nonce="${nonce}">${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body></html>
`.text;
}

const STYLE = new Html(`
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --line: #d1d9e0; --soft: #59636e; --act: #0b5d1e; --on: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f6fc; --paper: #0d1117; --line: #3d444d; --soft: #9aa4af; --act: #3fb950; --on: #04120a } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 44rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: anywhere }
header p { margin: 0; color: var(--soft) }
ol { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .5rem 0; padding: 0; list-style: none; color: var(--soft) }
[aria-current] { color: var(--ink); font-weight: 600 }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border-bottom: 1px solid var(--line); padding: .375rem .5rem .375rem 0; text-align: left; vertical-align: top }
button, .button { display: inline-block; border: 0; border-radius: .375rem; padding: .625rem 1rem; font: inherit; font-weight: 600; color: var(--on); background: var(--act); text-decoration: none; cursor: pointer }
:focus-visible { outline: 3px solid currentColor; outline-offset: 3px }
[role=alert] { border-left: .25rem solid; padding-left: .75rem; font-weight: 600 }
[role=status] { color: var(--soft) }
`);

/**
 * Looks whether the terminal has got further, and shows it then; without it the page is loaded anew every few seconds.
 */
const SCRIPT = new Html(`
const { step, status } = document.body.dataset;
const look = async () => {
  try {
    const now = await (await fetch("/status")).json();
    if (now.step !== step || now.status !== status) return location.replace("/");
  } catch {
    document.querySelector("[role=status]").textContent = "The terminal has ended; run the command again.";
  }
  setTimeout(look, 1500);
};
setTimeout(look, 1500);
`);

/** What the script compares. */
export function statusOf(view: PageView): { step: string; status: string } {
  const status = view.step === "install" ? view.status : view.step === "create" ? (view.problem ?? "") : view.text;
  return { step: view.step, status };
}

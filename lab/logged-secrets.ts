import { decodeRunPayload, type RunPayload, RunPayloadError, wrapJitConfig } from "../contract/run-payload.ts";
import type { LabAws } from "./aws/aws.ts";
import type { LabGitHub } from "./github/start-github.ts";
import { leaksIn } from "./secret-forms.ts";

/** Shorter texts are no secrets: they are names and versions. */
const MIN_CHARACTERS = 20;

/**
 * The names of all secrets of a lab's run that stand in one of its logs, in any form in which a log could hold them.
 */
export function loggedSecrets(aws: LabAws, github: LabGitHub): string[] {
  const logs = aws.logs.names().flatMap((name) => aws.logs.read(name).map(({ message }) => message));
  const jobLogs = github.jobs().flatMap(({ log }) => log);
  return leaksIn([...logs, ...jobLogs].join("\n"), secretsOf(aws, github));
}

/** Every secret that was made or handed out, by a name that says which. */
function secretsOf(aws: LabAws, github: LabGitHub): Map<string, string> {
  const secrets: [string, string][] = [
    ...aws.parameters.secretValues().flatMap((value, index) => textsOf(`SecureString ${index}`, parsed(value))),
    ...linesOf("private key", github.app.privateKey),
    ...github.tokens().map(({ token }, index): [string, string] => [`installation token ${index}`, token]),
    ...aws.iam.issued().flatMap(({ roleName, secretAccessKey, sessionToken }): [string, string][] => [
      [`secret access key of ${roleName}`, secretAccessKey],
      [`session token of ${roleName}`, sessionToken],
    ]),
    ...aws.microvms.machines().flatMap(({ request }) => payloadSecrets(request.runHookPayload)),
  ];
  return new Map(secrets.map(([name, secret], index) => [`${name} (${index})`, secret]));
}

function payloadSecrets(payload: string | undefined): [string, string][] {
  const decoded = payload === undefined ? undefined : launchOf(payload);
  if (payload === undefined || decoded === undefined) return [];
  const { launchId, finish, jitConfig } = decoded;
  return [
    [`run payload of ${launchId}`, payload],
    [`finish MAC of ${launchId}`, finish.mac],
    [`JIT configuration of ${launchId}`, wrapJitConfig(jitConfig)],
    ...textsOf(`credentials of ${launchId}`, parsed(jitConfig[".credentials_rsaparams"] ?? "{}")),
  ];
}

/** Undefined: it is no launch of the dispatcher's, and holds no secret. */
function launchOf(payload: string): RunPayload | undefined {
  try {
    return decodeRunPayload(payload);
  } catch (error: unknown) {
    if (error instanceof RunPayloadError) return undefined;
    throw error;
  }
}

/** The texts in a document that are long enough to be secrets; of a key in PEM form, its lines. */
function textsOf(name: string, value: unknown): [string, string][] {
  if (typeof value === "string") return value.includes("\n") ? linesOf(name, value) : secret(name, value);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(`${key} of ${name}`, inner));
}

function linesOf(name: string, pem: string): [string, string][] {
  return pem
    .split("\n")
    .filter((line) => !line.startsWith("-----"))
    .flatMap((line, index) => secret(`line ${index} of ${name}`, line));
}

function secret(name: string, text: string): [string, string][] {
  return text.length < MIN_CHARACTERS || text.startsWith("arn:") ? [] : [[name, text]];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { problemOf, runBounded } from "./run-bounded.ts";

/** Where distributions keep the certificates that programs trust: Amazon Linux and Fedora, Debian and Ubuntu. */
const SYSTEM_CERTIFICATES = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"];
const OPENSSL_MS = 20_000;

export interface RehearsalServer {
  /** `https://127.0.0.1:PORT`. */
  origin: string;
  key: JsonWebKey;
  /** Variables with which programs trust it, beside all that they trust anyway, and ask it without a proxy. */
  environment: Readonly<Record<string, string>>;
  /** Paths that were asked for. */
  readonly asked: ReadonlySet<string>;
  close(): void;
}

/**
 * A TLS server on the loopback address that answers everything with 404: what stands in for GitHub where nothing may
 * leave the MicroVM. Key and certificate come from the openssl command, a process that draws from the kernel.
 */
export async function startRehearsalServer(
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<RehearsalServer> {
  const [keyFile, certificateFile, bundleFile] = ["key.pem", "certificate.pem", "bundle.pem"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  const made = await runBounded({
    file: "openssl",
    args: [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=rehearsal"],
      ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", certificateFile],
    ],
    cwd: directory,
    environment,
    account: undefined,
    boundMs: OPENSSL_MS,
  });
  const problem = problemOf(made);
  if (problem !== undefined) throw new Error(`openssl ${problem}: ${made.lastLines.at(-1) ?? ""}`);
  const key = readFileSync(keyFile, "utf8");
  const certificate = readFileSync(certificateFile, "utf8");
  writeFileSync(bundleFile, `${systemCertificates(environment)}\n${certificate}`, { mode: 0o644 });

  const asked = new Set<string>();
  const server = createServer({ key, cert: certificate }, (request, response) => {
    asked.add(request.url ?? "");
    request.resume();
    response.writeHead(404, { "content-type": "text/plain", connection: "close" });
    response.end();
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: createPrivateKey(key).export({ format: "jwk" }),
    environment: trusting(bundleFile, certificateFile),
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function systemCertificates({ SSL_CERT_FILE }: NodeJS.ProcessEnv): string {
  for (const file of SSL_CERT_FILE ? [SSL_CERT_FILE, ...SYSTEM_CERTIFICATES] : SYSTEM_CERTIFICATES) {
    try {
      return readFileSync(file, "utf8");
    } catch {
      // The next one.
    }
  }
  return "";
}

function trusting(bundle: string, certificate: string): Record<string, string> {
  return {
    SSL_CERT_FILE: bundle,
    CURL_CA_BUNDLE: bundle,
    GIT_SSL_CAINFO: bundle,
    NODE_EXTRA_CA_CERTS: certificate,
    GIT_TERMINAL_PROMPT: "0",
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
  };
}

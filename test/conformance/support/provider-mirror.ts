import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { serveProviders } from "../../../lab/terraform/serve-providers.ts";

/** A folder of provider packages, as `terraform providers mirror` makes one: each is a door to a provider of the lab. */
export interface ProviderMirror {
  /** Names it in Terraform's CLI configuration. */
  env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * What Terraform starts as a provider: it answers the handshake of go-plugin, protocol 6, and passes the TLS that Terraform asks for
 * on to the lab's provider (hashicorp/go-plugin, client.go, AutoMTLS).
 */
const DOOR = `
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createServer } from "node:tls";
const [folder, port] = process.argv.slice(2);
const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(folder + "/" + name, "utf8"));
let open = 0;
const server = createServer({ key, cert, ALPNProtocols: ["h2"] }, (outside) => {
  open += 1;
  // Terraform hangs up, and waits two seconds for the end of what does not end then.
  outside.on("close", () => { if (--open === 0) process.exit(0); });
  const inside = connect(Number(port), "127.0.0.1");
  outside.pipe(inside).pipe(outside);
  for (const socket of [outside, inside]) socket.on("error", () => { outside.destroy(); inside.destroy(); });
});
server.listen(0, "127.0.0.1", () => {
  const der = cert.replace(/-----.*-----/g, "").replace(/\\s|=/g, "");
  console.log(["1", "6", "tcp", "127.0.0.1:" + server.address().port, "grpc", der].join("|"));
});
`;

const SYSTEM = { linux: "linux", darwin: "darwin" }[process.platform as "linux" | "darwin"];
const MACHINE = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];

/** Versions by the provider's source, such as `hashicorp/aws`. */
export async function mirrorProviders(versions: Readonly<Record<string, readonly string[]>>): Promise<ProviderMirror> {
  const folder = await mkdtemp(join(tmpdir(), "provider-mirror-"));
  const served = await serveProviders();
  const reattach: Record<string, { Addr: { String: string } }> = JSON.parse(served.env.TF_REATTACH_PROVIDERS ?? "{}");
  const [key, cert, door] = ["key.pem", "cert.pem", "door.mjs"].map((name) => join(folder, name));
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await promisify(execFile)("openssl", [...args, ...names, "-keyout", `${key}`, "-out", `${cert}`]);
  await writeFile(`${door}`, DOOR);
  const mirror = join(folder, "mirror");
  for (const [source, all] of Object.entries(versions)) {
    const address = `registry.terraform.io/${source}`;
    const port = reattach[address]?.Addr.String.split(":").at(-1);
    for (const version of all) {
      const place = join(mirror, address, version, `${SYSTEM}_${MACHINE}`);
      const program = join(place, `terraform-provider-${source.split("/")[1]}_v${version}`);
      await mkdir(place, { recursive: true });
      await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${door}" "${folder}" ${port}\n`);
      await chmod(program, 0o755);
    }
  }
  const config = join(folder, "mirror.tfrc");
  await writeFile(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  return {
    env: { TF_CLI_CONFIG_FILE: config },
    async close() {
      await served.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

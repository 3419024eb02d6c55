import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";

/** A module that the registry has in one version. */
export interface RegistryModule {
  version: string;
  /** Absolute. */
  folder: string;
}

export interface ModuleRegistry {
  /** For the CLI configuration: `modules.v1` of a host. */
  url: string;
  close(): Promise<void>;
}

/**
 * The module registry's protocol, for modules by their address `NAMESPACE/NAME/PROVIDER` (Terraform documentation,
 * module registry protocol): which versions there are, and where one is. Modules that it does not have do not exist.
 */
export async function serveRegistry(modules: Readonly<Record<string, RegistryModule>>): Promise<ModuleRegistry> {
  const server = createServer((request, response) => {
    const [, address = "", rest = ""] = /^\/v1\/([^/]+\/[^/]+\/[^/]+)\/(.+)$/.exec(request.url ?? "") ?? [];
    const module = modules[address];
    if (module !== undefined && rest === "versions") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ modules: [{ versions: [{ version: module.version }] }] }));
    } else if (module !== undefined && rest === `${module.version}/download`) {
      response.writeHead(204, { "x-terraform-get": pathToFileURL(module.folder).href });
      response.end();
    } else {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ errors: ["not found"] }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server that listens has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

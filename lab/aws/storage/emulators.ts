import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { type BuildAppOptions, buildApp } from "fauxqs";

type Stores = NonNullable<BuildAppOptions["stores"]>;

export interface Emulators {
  /** fauxqs's SQS: its queues and messages. */
  readonly sqs: Stores["sqsStore"];
  /** fauxqs's S3: its buckets and objects. */
  readonly s3: Stores["s3Store"];
  /** Address of SQS and S3. */
  readonly fauxqsAddress: string;
  readonly dynamodbAddress: string;
  stop(): Promise<void>;
}

type Dynalite = (options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Server;

/** The account that fauxqs names in its ARNs and takes from nobody. */
export const EMULATOR_ACCOUNT = "000000000000";

/**
 * Starts the emulators that npm has, in memory and on this machine only: SQS and S3 by fauxqs, DynamoDB by dynalite.
 */
export async function startEmulators(region: string): Promise<Emulators> {
  const require = createRequire(import.meta.url);
  const dynalite: Dynalite = require("dynalite"); // comes without types
  const tables = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => tables.listen(0, "127.0.0.1", resolve));
  const { port } = tables.address() as AddressInfo; // a TCP server that listens has an address of this form
  const stores = await loadStores();
  // The package's own start listens on every interface.
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  const fauxqsAddress = await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    sqs: stores.sqsStore,
    s3: stores.s3Store,
    fauxqsAddress,
    dynamodbAddress: `http://127.0.0.1:${port}`,
    async stop() {
      stores.sqsStore.shutdown();
      const closed = new Promise<void>((resolve) => tables.close(() => resolve()));
      tables.closeAllConnections();
      await Promise.all([closed, app.close()]);
    },
  };
}

// The package exports the types of its stores and not their classes; without them nobody could look into a queue.
async function loadStores(): Promise<Stores> {
  const load = async (path: string, name: string) => {
    const module: Record<string, new () => unknown> = await import(new URL(path, import.meta.resolve("fauxqs")).href);
    const Store = module[name];
    if (Store === undefined) throw new Error(`fauxqs has no ${name} in ${path}; the lab needs version 2.4.1`);
    return new Store();
  };
  return {
    sqsStore: (await load("sqs/sqsStore.js", "SqsStore")) as Stores["sqsStore"], // the class of that very type
    snsStore: (await load("sns/snsStore.js", "SnsStore")) as Stores["snsStore"],
    s3Store: (await load("s3/s3Store.js", "S3Store")) as Stores["s3Store"],
  };
}

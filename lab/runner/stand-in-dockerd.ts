/**
 * A stand-in for dockerd: answers `/_ping` on the socket that it is told. `STAND_IN_DOCKERD` makes it misbehave: `crash` (ends
 * at once), `crash-once` (ends at its first start), `silent` (never listens), `slow` (listens after a while).
 */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const misbehaviour = process.env.STAND_IN_DOCKERD ?? "";
const socket = process.argv.find((arg) => arg.startsWith("--host=unix://"))?.slice("--host=unix://".length) ?? "";
appendFileSync(`${socket}.calls`, `${process.argv.slice(2).join(" ")}\n`);

const crashes = misbehaviour === "crash" || (misbehaviour === "crash-once" && !existsSync(`${socket}.crashed`));
if (crashes) {
  writeFileSync(`${socket}.crashed`, "");
  process.stderr.write("failed to start daemon: error initializing graphdriver: overlay2 is not supported\n");
  process.exit(1);
}
if (misbehaviour === "slow") await pause(1_500);
const server = createServer((_request, response) => response.end("OK"));
if (misbehaviour === "silent") setInterval(() => {}, 60_000);
else server.listen(socket);
process.on("SIGTERM", () => process.exit(0));

/**
 * A stand-in for dockerd: answers `/_ping` on the socket that it is told, and notes its arguments and the `iptables`
 * that it would call. `STAND_IN_DOCKERD` makes it misbehave: `crash` (ends at once), `crash-once` (ends at its first
 * start), `crash-for:MS` (ends until so long after its first start), `silent` (never listens), `slow` (listens after a
 * while).
 */
import { appendFileSync, existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

if (process.argv.includes("--version")) process.exit(0);
const misbehaviour = process.env.STAND_IN_DOCKERD ?? "";
const socket = process.argv.find((arg) => arg.startsWith("--host=unix://"))?.slice("--host=unix://".length) ?? "";
const iptables = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "iptables"))
  .find(existsSync);
const frontEnd = iptables === undefined ? "none" : basename(realpathSync(iptables));
appendFileSync(`${socket}.calls`, `${process.argv.slice(2).join(" ")} iptables=${frontEnd}\n`);

if (crashes()) {
  process.stderr.write("failed to start daemon: error initializing graphdriver: overlay2 is not supported\n");
  process.exit(1);
}
if (misbehaviour === "slow") await pause(1_500);
const server = createServer((_request, response) => response.end("OK"));
if (misbehaviour === "silent") setInterval(() => {}, 60_000);
else server.listen(socket);
process.on("SIGTERM", () => {
  // Closing it removes the socket.
  server.close();
  process.exit(0);
});

function crashes(): boolean {
  const since = `${socket}.started`;
  const first = !existsSync(since);
  if (first) writeFileSync(since, String(Date.now()));
  const milliseconds = Number(/^crash-for:(\d+)$/.exec(misbehaviour)?.[1] ?? 0);
  if (milliseconds > 0) return Date.now() - Number(readFileSync(since, "utf8")) < milliseconds;
  return misbehaviour === "crash" || (misbehaviour === "crash-once" && first);
}

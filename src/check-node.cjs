// Run by the Node that a task would run on, whatever its version: plain JavaScript, and nothing is imported.
const NEEDED = 24;
const found = Number(process.versions.node.split(".")[0]);
if (found < NEEDED) {
  console.error(
    `This task runs on Node.js ${NEEDED}, which an install script of the npm package "node" brings, and found ${process.versions.node}: run npm ci without --ignore-scripts.`,
  );
  process.exitCode = 2;
}

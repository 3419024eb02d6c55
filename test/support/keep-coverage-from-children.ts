/**
 * In a run with coverage vitest has every child process of a test write its own. One that is killed while it writes
 * would break the run, one that compiles its sources would name the wrong lines: only the supervisors of `test/microvm`
 * do it.
 */
const folder = process.env.NODE_V8_COVERAGE;
if (folder !== undefined) {
  process.env.CHILD_COVERAGE = folder;
  delete process.env.NODE_V8_COVERAGE;
}

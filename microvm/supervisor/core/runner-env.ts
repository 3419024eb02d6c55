/**
 * Whether this image is built because GitHub refuses the runner of the one before (`RESCUE=1` in `runner.env`): an
 * image with a broken Docker then still is better than none.
 */
export function isRescue(runnerEnv: string): boolean {
  return /^RESCUE=1$/m.test(runnerEnv);
}

/** TCP port on which the supervisor answers the MicroVM lifecycle hooks. */
export const HOOK_PORT = 9000;

/** Every hook is a `POST` below this path (Lambda MicroVMs guide, lifecycle hooks). */
export const HOOK_BASE_PATH = "/aws/lambda-microvms/runtime/v1";

/**
 * Seconds that the service gives each lifecycle hook, for the image's `hooks` block: runtime hooks take 1 to 60 and
 * default to 1, image hooks 1 to 3,600 with a default that sources disagree about
 * (docs/PLATFORM-NOTES.md#lifecycle-hooks).
 */
export const HOOK_TIMEOUT_SECONDS = {
  // docker_images are pulled in it.
  ready: 900,
  validate: 300,
  run: 10,
  resume: 10,
  suspend: 10,
  terminate: 40,
} as const;

/** The supervisor answers `terminate` after at most this long, which leaves time for the answer within its timeout. */
export const TERMINATE_WAIT_MS = (HOOK_TIMEOUT_SECONDS.terminate - 5) * 1_000;

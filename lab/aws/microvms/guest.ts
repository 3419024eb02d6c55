/** The lifecycle hooks (Lambda MicroVMs guide); each is a `POST {base}/{name}`. */
export type HookName = "ready" | "validate" | "run" | "resume" | "suspend" | "terminate";

/** What runs inside one MicroVM. */
export interface Guest {
  /** Delivers a hook; rejects when the guest cannot be reached or does not answer within `timeoutMs`. */
  hook(name: HookName, body: string, timeoutMs: number): Promise<{ status: number }>;
  /** Exit code of the main process; null when it was killed. */
  readonly exited: Promise<number | null>;
  kill(): void;
}

export interface GuestInput {
  microvmId: string;
  /** The image's code artifact: a zip with a `Dockerfile` at its root. */
  artifact: Uint8Array;
  environment: Record<string, string>;
  memoryMib: number;
  /** Is told each line that the main process writes. */
  onOutput?(line: string): void;
}

/** Starts what a MicroVM runs; the service knows nothing of how. */
export interface GuestFactory {
  start(input: GuestInput): Promise<Guest>;
}

import type { ImageVersion } from "../../../dispatcher/core/views.ts";
import { NotFoundError, RefusedError, ThrottledError } from "../../../dispatcher/errors.ts";
import type { Clock, ImageVersions } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export interface MemoryImageVersions extends ImageVersions, Faulty<"list" | "inUse" | "delete"> {
  /** Versions that are still there. */
  left(): string[];
}

export interface MemoryImageVersionsOptions {
  clock: Clock;
  imageArn: string;
  versions: readonly ImageVersion[];
  microvms?: readonly { state: string; imageVersion: string }[];
  /** How long a deletion takes. */
  deletionSeconds?: number;
  /** Told when a deletion begins and how long it takes. */
  onDelete?(version: string, seconds: number): void;
}

/** The versions of one image in memory; a deletion ends by the clock alone. */
export function createMemoryImageVersions(options: MemoryImageVersionsOptions): MemoryImageVersions {
  const { clock, imageArn, microvms = [], deletionSeconds = 30 } = options;
  const { run, ...faulty } = createFaultPlan<"list" | "inUse" | "delete">();
  let versions = [...options.versions];
  let deletion: { version: string; endsAtMs: number } | undefined;

  function current(): ImageVersion[] {
    if (deletion !== undefined && clock.now().getTime() >= deletion.endsAtMs) {
      const { version } = deletion;
      versions = versions.filter((each) => each.version !== version);
      deletion = undefined;
    }
    return versions.map((each) => (each.version === deletion?.version ? { ...each, state: "DELETING" } : each));
  }

  function known(arn: string): ImageVersion[] {
    if (arn !== imageArn) throw new NotFoundError(`MicroVM image ${arn} not found`);
    return current();
  }

  return {
    ...faulty,
    left: () => current().map(({ version }) => version),
    list: (arn) => run("list", () => known(arn)),
    inUse: (arn) =>
      run("inUse", () => {
        const living = arn === imageArn ? microvms.filter(({ state }) => state !== "TERMINATED") : [];
        return new Set(living.map(({ imageVersion }) => imageVersion));
      }),
    delete: (arn, version) =>
      run("delete", () => {
        const all = known(arn);
        if (!all.some((each) => each.version === version)) return;
        if (deletion !== undefined || all.some(({ state }) => state === "PENDING" || state === "IN_PROGRESS")) {
          throw new ThrottledError("the image is in state UPDATING", { reason: "image" });
        }
        if (all.length === 1) throw new RefusedError("This is the last version. Please delete the entire image");
        deletion = { version, endsAtMs: clock.now().getTime() + deletionSeconds * 1_000 };
        options.onDelete?.(version, deletionSeconds);
      }),
  };
}

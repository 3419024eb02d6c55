import type { Reporter, TestModule } from "vitest/node";

const SHOWN = 5;

/** Prints the files that took longest, in seconds, imports and hooks included. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => {
      const { collectDuration, setupDuration, duration } = module.diagnostic();
      return { name: module.relativeModuleId, seconds: (collectDuration + setupDuration + duration) / 1_000 };
    });
    const slowest = files.sort((one, other) => other.seconds - one.seconds).slice(0, SHOWN);
    console.log("\nSlowest files:");
    for (const { name, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
  }
}

/**
 * vitest's V8 coverage, with what child processes ran. Node strips the types of what a child runs, Vite compiles what a
 * test imports: the two agree where a branch begins and not always where it ends, so the same branch would count twice.
 */
import v8 from "@vitest/coverage-v8";
import type { CoverageProvider, CoverageProviderModule } from "vitest/node";

type Worker = Required<CoverageProviderModule>;

/** As much of istanbul's coverage as is changed here. */
interface Branches {
  branchMap: Record<string, { type: string; loc: { start: { line: number; column: number } }; locations: unknown[] }>;
  b: Record<string, number[]>;
}
interface CoverageMap {
  files(): string[];
  fileCoverageFor(file: string): { data: Branches };
}

function mergeBranches({ branchMap, b }: Branches): void {
  const firsts = new Map<string, number[]>();
  for (const [key, { type, loc, locations }] of Object.entries(branchMap)) {
    const name = `${type} ${loc.start.line}:${loc.start.column} ${locations.length}`;
    const counts = b[key] ?? [];
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, counts);
    else {
      for (const [index, count] of counts.entries()) first[index] = (first[index] ?? 0) + count;
      delete branchMap[key];
      delete b[key];
    }
  }
}

export default {
  // What a worker has begun is known to vitest's module alone: this one is read again by each worker and file.
  startCoverage: (options: Parameters<Worker["startCoverage"]>[0]) => v8.startCoverage?.(options),
  takeCoverage: (options: Parameters<Worker["takeCoverage"]>[0]) => v8.takeCoverage?.(options),
  stopCoverage: (options: Parameters<Worker["stopCoverage"]>[0]) => v8.stopCoverage?.(options),
  async getProvider(): Promise<CoverageProvider> {
    const provider = await v8.getProvider();
    const generate = provider.generateCoverage.bind(provider);
    provider.generateCoverage = async (context) => {
      const map = (await generate(context)) as CoverageMap;
      for (const file of map.files()) mergeBranches(map.fileCoverageFor(file).data);
      return map;
    };
    return provider;
  },
};

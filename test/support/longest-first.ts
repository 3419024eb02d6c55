import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, so that none of the workers is left with one of them when all else is done. */
const LONGEST = [
  ...["e2e/classes", "e2e/deployment", "module/lifecycle", "module/validation", "e2e/simulate"],
  ...["module/key", "docs/hcl-blocks", "security/least-privilege", "module/customisation", "module/examples"],
  ...["e2e/keys", "e2e/runner-group", "lab/world/faults", "lab/logged-secrets"],
  ...["microvm/supervisor/supervisor"],
  ...["e2e/taint.prove", "e2e/node-versions.prove", "module/applying.prove", "e2e/examples.prove", "e2e/keys.prove"],
  ...["smoke/smoke.prove", "e2e/refused.prove", "module/refresh.prove", "conformance/real-providers.prove"],
].map((name) => `/test/${name}.test.ts`);

function rank({ moduleId }: TestSpecification): number {
  const found = LONGEST.findIndex((name) => moduleId.endsWith(name));
  return found === -1 ? LONGEST.length : found;
}

/** Vitest's own order, which on a fresh clone knows the sizes of files only, after what is known to take long. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

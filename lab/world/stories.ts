import type { Scenario } from "./scenarios.ts";
export const STORIES: readonly Scenario[] = [];

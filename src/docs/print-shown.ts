/** A step of conformance, as it was recorded. */
export interface ShownStep {
  name: string;
  /** What it shows when it passes. */
  shows: string;
  need: "required" | "where found";
  status: "passed" | "failed" | "not available";
  /** Name and version of each. */
  tools: readonly string[];
  /** The figures that were read. */
  figures: readonly string[];
}

/** What tools by others have shown, for the README; the figures stand in the record. */
export function printShown(steps: readonly ShownStep[]): string {
  const passed = steps.filter(({ status }) => status === "passed");
  const others = steps.filter(({ status }) => status !== "passed");
  return [
    "Programs that nobody here wrote were asked too, with `npx projen conformance`; the figures stand in",
    "[conformance.json](conformance/conformance.json):",
    "",
    ...passed.map(({ shows, tools }) => `- ${shows} (${tools.join(", ")}).`),
    ...(others.length === 0
      ? []
      : ["", `Not shown: ${others.map(({ name, status }) => `${name} (${status})`).join(", ")}.`]),
  ].join("\n");
}

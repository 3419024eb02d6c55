import type { Construct } from "constructs";

const EXCEPTION = "gha:exception";

/** A rule of checkov that a resource does not keep, and why: one line, which a scan of the module prints. */
export interface Exception {
  readonly rule: string;
  readonly reason: string;
}

/** Writes exceptions into the element's block, where checkov looks for them. */
export function except<Element extends Construct>(element: Element, ...exceptions: readonly Exception[]): Element {
  for (const exception of exceptions) element.node.addMetadata(EXCEPTION, exception);
  return element;
}

/** The comments for the exceptions of an element. */
export function exceptionsOf(element: Construct): string[] {
  return element.node.metadata.flatMap(({ type, data }) =>
    type === EXCEPTION ? [`checkov:skip=${data.rule}:${data.reason}`] : [],
  );
}

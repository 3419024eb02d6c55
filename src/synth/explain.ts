import type { Construct } from "constructs";

const COMMENT = "gha:comment";

/** Puts a comment above the element's block; above what follows, if the construct has no block of its own. */
export function explain<Element extends Construct>(element: Element, comment: string): Element {
  element.node.addMetadata(COMMENT, comment);
  return element;
}

/** The comment that {@link explain} put on an element. */
export function commentOf(element: Construct): string | undefined {
  const entry = element.node.metadata.find(({ type }) => type === COMMENT);
  return entry === undefined ? undefined : String(entry.data);
}

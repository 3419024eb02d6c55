/** A policy document, as parsed JSON. */
export type PolicyDocument = Record<string, unknown>;

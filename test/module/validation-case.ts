/** One rule of the module: values that it refuses, and neighbours of them that it accepts. */
export interface ValidationCase {
  what: string;
  /** Part of the message that the user gets. */
  message: string;
  bad: Record<string, unknown>[];
  good: Record<string, unknown>[];
  /** The rule is about two inputs together. Terraform holds values to such rules only when all others are satisfied. */
  pair?: true;
}

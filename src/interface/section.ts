/** Inputs or outputs that belong together, under one heading. */
export interface Section<Entry> {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** One line of the benchmark's table. */
export interface Row {
  what: string;
  /** To bare Node. */
  ratio: string;
  aim: string;
  /** To an earlier release. */
  earlier?: string;
  /** Bytes, or what else was measured. */
  size: string;
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

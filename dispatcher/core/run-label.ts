/**
 * Labels of one workflow run: `<label>-run-<id of the run>`, and perhaps `-more`, stands for `<label>` in a job of that
 * run. Its runner registers with exactly the job's labels, so no job of another run fits it.
 */

/**
 * The labels that a job of the run asks for in the end, and which of them it asks for in that form; all in lower case.
 */
export function standsFor(
  asked: ReadonlySet<string>,
  runId: number,
): { labels: ReadonlySet<string>; scoped: ReadonlySet<string> } {
  const mark = `-run-${runId}`;
  const labels = new Set<string>();
  const scoped = new Set<string>();
  for (const label of asked) {
    const end = label.indexOf(mark);
    const rest = label.slice(end + mark.length);
    if (end <= 0 || (rest !== "" && !rest.startsWith("-"))) {
      labels.add(label);
      continue;
    }
    labels.add(label.slice(0, end));
    scoped.add(label.slice(0, end));
  }
  return { labels, scoped };
}

/** More at once would only wait for the same two cores and the same disk. */
const AT_ONCE = 2;

/** Runs all tasks, two at a time, in their order. */
export async function inTurn<T>(tasks: readonly T[], run: (task: T) => Promise<void>): Promise<void> {
  const rest = [...tasks];
  const worker = async (): Promise<void> => {
    for (let task = rest.shift(); task !== undefined; task = rest.shift()) await run(task);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

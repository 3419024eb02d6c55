/**
 * The Node that runs this process, by a name that a job cannot point elsewhere: the runner's directory, which holds it,
 * belongs to the job's account.
 */
export const freshNode = process.platform === "linux" ? "/proc/self/exe" : process.execPath;

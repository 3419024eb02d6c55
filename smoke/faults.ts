/** What can be made to go wrong in the lab. */
export const FAULTS = ["a-job-never-starts", "a-microvm-is-left"] as const;
export type Fault = (typeof FAULTS)[number];

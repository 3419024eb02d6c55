import { readFileSync } from "node:fs";

export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

/** The account of that name; throws when there is none, or when it is root under another name. */
export function findAccount(name: string, passwd: string = readFileSync("/etc/passwd", "utf8")): Account {
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find((line) => line[0] === name);
  const [, , uid, gid, , home] = fields ?? [];
  if (!/^\d+$/.test(uid ?? "") || !/^\d+$/.test(gid ?? "") || home === undefined) {
    throw new Error(`GHA_RUNNER_USER names no account of this image: ${name}; add one in the Dockerfile`);
  }
  if (Number(uid) === 0) throw new Error("GHA_RUNNER_USER must not be root: jobs run with its rights");
  return { name, uid: Number(uid), gid: Number(gid), home };
}

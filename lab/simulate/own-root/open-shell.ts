import { spawn } from "node:child_process";

/** The person's own shell at the person's own terminal. */
export async function openShell(folder: string, environment: Record<string, string>): Promise<void> {
  const child = spawn(environment.SHELL ?? "sh", [], { cwd: folder, env: environment, stdio: "inherit" });
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}

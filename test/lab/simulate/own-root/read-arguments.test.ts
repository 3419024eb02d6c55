import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArguments } from "../../../../lab/simulate/own-root/read-arguments.ts";

let here: string;
beforeAll(() => {
  here = mkdtempSync(join(tmpdir(), "lab-arguments-"));
  mkdirSync(join(here, "root"));
  for (const name of ["here.tfvars", "both.tfvars", "root/both.tfvars", "root/main.tf"]) {
    writeFileSync(join(here, name), "");
  }
});
afterAll(() => rmSync(here, { recursive: true }));

const read = (...args: string[]) => readArguments(args, here);

describe("the lab's command line", () => {
  it("takes a command, a folder and Terraform's spellings of variables", () => {
    expect(read("--", "apply", "root", "-var", "a=b=c", "--var=d=", "-var-file=both.tfvars")).toEqual({
      action: "apply",
      root: join(here, "root"),
      variables: ["-var=a=b=c", "-var=d=", `-var-file=${join(here, "root/both.tfvars")}`],
    });
  });

  it("finds a file beside the caller that is not in the root module", () => {
    expect(read("plan", "root", "-var-file", "here.tfvars")).toMatchObject({
      variables: [`-var-file=${join(here, "here.tfvars")}`],
    });
  });

  it("knows that help is asked for", () => {
    expect(read("plan", "--help")).toBe("help");
  });

  it.each([
    [[], "a command is missing"],
    [["refresh", "root"], "there is no command refresh"],
    [["plan"], "plan needs the folder"],
    [["plan", "nothing"], "nothing is not a folder"],
    [["plan", "here.tfvars"], "here.tfvars is not a folder"],
    [["plan", "."], ". is no root module: it has no .tf files"],
    [["plan", "root", "more"], "one folder, not also more"],
    [["plan", "root", "-target=x"], "-target=x is not passed on to Terraform"],
    [["plan", "root", "-var"], "-var needs a value"],
    [["plan", "root", "-var-file=none"], "-var-file none: there is no such file"],
  ])("refuses %j in one line", (args, problem) => {
    const message = (() => {
      try {
        return JSON.stringify(read(...args));
      } catch (error: unknown) {
        return error instanceof Error ? error.message : "";
      }
    })();

    expect(message).toContain(problem);
    expect(message).not.toContain("\n");
  });
});

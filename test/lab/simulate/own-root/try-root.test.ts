import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Action } from "../../../../lab/simulate/own-root/read-arguments.ts";
import { tryRoot } from "../../../../lab/simulate/own-root/try-root.ts";

const PROJECT = fileURLToPath(new URL("../../../..", import.meta.url));
const MAIN = "lab/simulate/own-root/main.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "own-root-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files below the folder and answers its `root`. */
function write(files: Record<string, string>): string {
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
  return join(folder, "root");
}

const snapshot = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.\w+$/.test(name))
    .sort()
    .map((name) => [name, readFileSync(join(dir, name), "utf8")]);

interface More {
  variables?: string[];
  environment?: object;
  shell?(folder: string, environment: Record<string, string>): Promise<void>;
}

async function attempt(action: Action, root: string, more: More = {}) {
  const said = { out: "", err: "" };
  const exitCode = await tryRoot(
    { action, root, variables: more.variables ?? [] },
    {
      environment: { ...more.environment },
      out(text) {
        said.out += text;
      },
      err(text) {
        said.err += text;
      },
      signal: new AbortController().signal,
      shell: more.shell ?? (async () => undefined),
    },
  );
  return { exitCode, ...said };
}

/** A root module with a remote backend, whose module stands beside it. */
const OWN_ROOT = {
  "modules/queue/main.tf": `
    variable "name" {
      type = string
    }
    resource "aws_sqs_queue" "this" {
      name = "\${var.name}-\${trimspace(file("\${path.module}/../suffix.txt"))}"
    }
    output "arn" {
      value = aws_sqs_queue.this.arn
    }`,
  "modules/suffix.txt": "jobs\n",
  "root/main.tf": `
    terraform {
      backend "s3" {
        bucket = "states-of-somebody"
      }
    }
    variable "prefix" {
      type = string
    }
    variable "region" {
      type = string
    }
    variable "team" {
      type = string
    }
    provider "aws" {
      region = var.region
    }
    module "queue" {
      source = "../modules/queue"
      name   = "\${var.prefix}-\${var.team}"
    }
    output "arn" {
      value = module.queue.arn
    }`,
  "root/prod.tfvars": 'region = "us-east-2"\n',
};

describe("a root module of one's own in the lab", () => {
  it("is applied and destroyed in a copy, with its own modules and variables", async () => {
    const root = write(OWN_ROOT);
    const before = snapshot(folder);
    const { exitCode, out, err } = await attempt("destroy", root, {
      variables: ["-var=prefix=ours", `-var-file=${join(root, "prod.tfvars")}`],
      environment: { TF_VAR_team: "ci" },
    });

    expect(err).toBe("");
    expect(exitCode).toBe(0);
    expect(out).toContain('arn = "arn:aws:sqs:us-east-2:123456789012:ours-ci-jobs"');
    expect(out).toMatch(/Destroy complete! Resources: 1 destroyed\.\n+lab: nothing is left\n$/);
    expect(snapshot(folder)).toEqual(before);
  });

  it("fails when its second plan is not empty", async () => {
    const root = write({ "root/main.tf": 'resource "aws_sqs_queue" "q" {\n  tags = { at = timestamp() }\n}\n' });
    const { exitCode, out, err } = await attempt("apply", root);

    expect(exitCode).toBe(1);
    expect(out).toContain("# aws_sqs_queue.q will be updated in-place");
    expect(err).toContain("lab: the second plan is not empty");
  });

  it("makes up the values of types that nothing stands behind, and lists them", async () => {
    const root = write({
      "root/main.tf": `
        data "aws_ami" "linux" {
          owners = ["amazon"]
        }
        resource "aws_instance" "x" {
          count         = 2
          ami           = data.aws_ami.linux.id
          instance_type = "t4g.nano"
          root_block_device {
            volume_size = 8
          }
        }
        module "m" {
          source = "../m"
          ids    = aws_instance.x[*].id
        }
        output "arns" {
          value = join(" ", aws_instance.x[*].arn)
        }`,
      "m/main.tf": `
        variable "ids" {
          type = list(string)
        }
        resource "null_resource" "x" {
          triggers = { ids = join(",", var.ids) }
        }
        resource "tls_private_key" "k" {
          algorithm = "ED25519"
        }
        resource "aws_sqs_queue" "real" {}`,
    });
    const first = await attempt("apply", root);
    const second = await attempt("destroy", root);
    const arns = ({ out }: { out: string }) => /arns = "(.*)"/.exec(out)?.[1];

    expect(first.err + second.err).toBe("");
    expect(first.out).toContain(
      "made up: aws_instance, data.aws_ami, null_resource, tls_private_key\nlab: the second plan is empty\n",
    );
    expect(arns(first)).toMatch(/^arn:aws:instance:eu-west-1:123456789012:instance\/\w{12} arn:\S+\/\w{12}$/);
    expect(arns(first)?.split(" ").sort()).toEqual(arns(second)?.split(" ").sort());
    expect(second.out).toContain("lab: nothing is left");
  });

  it("fails as Terraform does, and names in one line what it has no schema of", async () => {
    const root = write({
      "root/main.tf": 'module "m" {\n  source = "../m"\n}\n',
      "m/main.tf": 'resource "kubernetes_pod" "x" {}\n',
    });
    const stranger = await attempt("plan", root);
    write({ "m/main.tf": 'resource "aws_no_such_thing" "x" {}\n' });
    const unserved = await attempt("plan", root);
    write({ "m/main.tf": 'resource "aws_sqs_queue" "x" {\n  nmae = "x"\n}\n' });
    const wrong = await attempt("plan", root);

    expect([stranger.exitCode, unserved.exitCode, wrong.exitCode]).toEqual([1, 1, 1]);
    expect(stranger.err).toContain("lab: the lab does not know the provider hashicorp/kubernetes: kubernetes_pod\n");
    expect(unserved.err).toContain(
      "lab: no schema of aws_no_such_thing (provider hashicorp/aws) is in an installed package\n",
    );
    expect(wrong.err).toContain('An argument named "nmae" is not expected here');
    expect(wrong.err).not.toContain("lab:");
  });
});

describe("the lab's command", () => {
  async function run(args: string[], onOutput: (text: string, interrupt: () => void) => void = () => undefined) {
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), join(PROJECT, MAIN), ...args], {
      cwd: folder,
      env: { ...process.env, TMPDIR: join(folder, "tmp") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (chunk: Buffer) => onOutput(chunk.toString("utf8"), () => child.kill("SIGINT")));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { exitCode, stdout, stderr };
  }

  it("answers a wrong command line with one line and 2", async () => {
    mkdirSync(join(folder, "tmp"));

    expect(await run(["aply", "."])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "lab: there is no command aply: write plan, apply, destroy or shell, and the folder of a root module\n",
    });
  });

  it("ends clean when it is interrupted", async () => {
    mkdirSync(join(folder, "tmp"));
    write({
      "root/main.tf": `resource "terraform_data" "slow" {
        provisioner "local-exec" {
          command = "echo under way; exec sleep 60"
        }
      }`,
    });
    const { exitCode, stdout } = await run(["apply", "root"], (said, interrupt) => {
      if (said.includes("under way")) interrupt();
    });

    expect(stdout).toContain("Interrupt received");
    expect(exitCode).toBe(130);
    expect(readdirSync(join(folder, "tmp")).filter((name) => !name.startsWith("tsx"))).toEqual([]);
  });
});

it("opens a shell in the copy, where terraform works on the lab and the module comes by its registry address", async () => {
  const root = write({
    "root/main.tf": `
      terraform {
        backend "s3" {
          bucket = "my-state"
          key    = "runners"
          region = "eu-west-1"
        }
        required_providers {
          github = { source = "integrations/github" }
        }
      }
      provider "aws" { region = "eu-west-1" }
      provider "awscc" { region = "eu-west-1" }
      provider "github" { owner = "my-org" }
      module "gha_runner" {
        source              = "mkdev-me/github-runner-lambda-microvms/aws"
        version             = "~> 1.0.0"
        github_organization = "my-org"
        manage_webhooks     = false
        github_app          = { app_id = "123456", private_key = null }
        github_app_key_source = {
          ssm_parameter_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/key"
        }
      }
    `,
  });
  let planned = "";
  const { exitCode, out, err } = await attempt("shell", root, {
    async shell(dir, environment) {
      expect(dir).not.toBe(root);
      const child = spawn("terraform", ["plan", "-no-color", "-input=false"], {
        cwd: dir,
        env: { ...environment, PATH: process.env.PATH },
      });
      planned = await text(child.stdout);
    },
  });

  expect(exitCode, err).toBe(0);
  expect(planned).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
  expect(out).toContain("the lab has ended");
});

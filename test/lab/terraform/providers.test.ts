import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ProviderBehaviour, ProviderError, type Values } from "../../../lab/terraform/behaviour.ts";
import { type ServedProviders, type ServeOptions, serveProviders } from "../../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../../lab/terraform/terraform.ts";

/** A queue service that remembers what it was told. */
function queueService() {
  const queues = new Map<string, Values>();
  const behaviour: ProviderBehaviour = {
    resources: {
      aws_sqs_queue: {
        validate: (config) =>
          config.name === "forbidden" ? [{ summary: "this name is taken for ever", attribute: ["name"] }] : [],
        create(planned) {
          if (planned.name === "refused") throw new ProviderError("QueueDeletedRecently: wait 60 seconds");
          queues.set(String(planned.name), planned);
          return { url: `http://queues/${String(planned.name)}` };
        },
        read: (state) => {
          const found = queues.get(String(state.name));
          return found === undefined ? null : { delay_seconds: found.delay_seconds ?? null };
        },
        update(planned) {
          queues.set(String(planned.name), planned);
          return {};
        },
        delete: (state) => void queues.delete(String(state.name)),
      },
    },
  };
  return { queues, behaviour };
}

async function open(main: string, options: ServeOptions = {}): Promise<Workspace & { providers: ServedProviders }> {
  const workspace = await createWorkspace({ files: { "main.tf": main } });
  const providers = await serveProviders({ workingDirectory: workspace.dir, ...options });
  workspace.setEnv(providers.env);
  onTestFinished(async () => {
    await providers.close();
    await workspace.close();
  });
  return { ...workspace, providers };
}

const queue = (name: string, more = "") => `resource "aws_sqs_queue" "q" {
  name = "${name}"
  ${more}
}`;

describe("a resource with a behaviour", () => {
  it("is created, read, updated, replaced and destroyed through it", async () => {
    const { behaviour, queues } = queueService();
    const workspace = await open(queue("one"), { behaviours: { aws: behaviour } });

    await workspace.apply();
    expect([...queues.keys()]).toEqual(["one"]);
    const [created] = await workspace.resources();
    expect(created?.values).toMatchObject({
      url: "http://queues/one",
      arn: "arn:aws:sqs:eu-west-1:123456789012:one",
      visibility_timeout_seconds: 30,
    });
    expect(await workspace.hasChanges()).toBe(false);

    await workspace.write({ "main.tf": queue("one", "delay_seconds = 5") });
    const update = await workspace.plan();
    expect(update.resource_changes.map(({ change }) => change.actions)).toEqual([["update"]]);
    await workspace.apply();
    expect(queues.get("one")).toMatchObject({ delay_seconds: 5 });

    await workspace.write({ "main.tf": queue("two") });
    expect((await workspace.plan()).resource_changes.map(({ change }) => change.actions)).toEqual([
      ["delete", "create"],
    ]);
    await workspace.apply();
    expect([...queues.keys()]).toEqual(["two"]);

    await workspace.destroy();
    expect([...queues.keys()]).toEqual([]);
  });

  it("shows drift and creates again what is gone", async () => {
    const { behaviour, queues } = queueService();
    const workspace = await open(queue("one"), { behaviours: { aws: behaviour } });
    await workspace.apply();

    queues.set("one", { delay_seconds: 7 });
    expect((await workspace.plan()).resource_changes[0]?.change.actions).toEqual(["update"]);
    queues.clear();
    expect((await workspace.plan()).resource_changes[0]?.change.actions).toEqual(["create"]);
  });

  it("reports its errors as the provider's own", async () => {
    const { behaviour } = queueService();
    const workspace = await open(queue("forbidden"), { behaviours: { aws: behaviour } });

    const [problem] = await workspace.diagnose();
    expect(problem).toMatchObject({ severity: "error", summary: "this name is taken for ever" });
    await workspace.write({ "main.tf": queue("refused") });
    await expect(workspace.apply()).rejects.toThrow("QueueDeletedRecently: wait 60 seconds");
    expect(await workspace.resources()).toEqual([]);
  });

  it("is not cut off when its service is slow", async () => {
    const slow: ProviderBehaviour = {
      resources: {
        aws_sqs_queue: { create: () => new Promise((resolve) => setTimeout(resolve, 2_500, {})) },
      },
    };
    const workspace = await open(queue("slow"), { behaviours: { aws: slow } });

    await workspace.apply();

    expect(await workspace.resources()).toHaveLength(1);
  });

  it("is told of values that it returned and that do not fit the schema", async () => {
    const wrong: ProviderBehaviour = { resources: { aws_sqs_queue: { create: () => ({ url: 5 }) } } };
    const workspace = await open(queue("one"), { behaviours: { aws: wrong } });

    await expect(workspace.apply()).rejects.toThrow("aws_sqs_queue.url must be a string, not 5");
  });

  it("is given write-only values, which no state holds", async () => {
    const seen: Values[] = [];
    const parameters: ProviderBehaviour = {
      resources: {
        aws_ssm_parameter: {
          create(planned) {
            seen.push(planned);
            return {};
          },
        },
      },
    };
    const main = `resource "aws_ssm_parameter" "p" {
      name = "/p"
      type = "SecureString"
      value_wo = "hidden"
      value_wo_version = 1
    }`;
    const workspace = await open(main, { behaviours: { aws: parameters } });

    await workspace.apply();

    expect(seen[0]).toMatchObject({ value_wo: "hidden" });
    expect(JSON.stringify(await workspace.resources())).not.toContain("hidden");
  });

  it("is given the absolute paths of files, and a missing file is an error", async () => {
    const seen: Values[] = [];
    const objects: ProviderBehaviour = {
      resources: {
        aws_s3_object: {
          create(planned) {
            seen.push(planned);
            return {};
          },
        },
      },
    };
    const object = (source: string) => `resource "aws_s3_object" "o" {
      bucket = "some-bucket"
      key    = "k"
      source = "\${path.module}/${source}"
    }`;
    const workspace = await open(object("main.tf"), { behaviours: { aws: objects } });

    await workspace.apply();
    expect(seen[0]?.source).toBe(`${workspace.dir}/main.tf`);
    await workspace.write({ "main.tf": object("missing.zip") });
    await expect(workspace.apply()).rejects.toThrow("missing.zip: no such file or directory");
  });

  it("plans what an update may change as unknown", async () => {
    const workspace = await open(`resource "aws_ssm_parameter" "p" {
      name  = "/p"
      type  = "String"
      value = "1"
    }
    output "version" { value = aws_ssm_parameter.p.version }`);
    await workspace.apply();

    await workspace.run("plan", "-no-color");
    const same = await workspace.plan();
    await workspace.write({
      "main.tf": `resource "aws_ssm_parameter" "p" {
        name  = "/p"
        type  = "String"
        value = "2"
      }`,
    });
    const changed = await workspace.plan();

    expect(same.changes).toBe(false);
    expect(changed.resource_changes[0]?.change.after_unknown).toMatchObject({ version: true });
  });

  it("can be imported, and upgraded from the state of another version", async () => {
    const { behaviour, queues } = queueService();
    queues.set("known", { delay_seconds: 9 });
    const workspace = await open(queue("known", "delay_seconds = 9"), { behaviours: { aws: behaviour } });

    const imported = await workspace.run("import", "-no-color", "aws_sqs_queue.q", "known");
    expect(imported.stderr).toBe("");
    expect((await workspace.resources())[0]?.values).toMatchObject({ name: "known", delay_seconds: 9 });
    const pulled = await workspace.run("state", "pull");
    const state = JSON.parse(pulled.stdout);
    state.serial += 1;
    state.resources[0].instances[0].attributes.long_gone = "x";
    delete state.resources[0].instances[0].attributes.tags;
    await workspace.write({ "older.tfstate": JSON.stringify(state) });
    expect(await workspace.run("state", "push", "older.tfstate")).toMatchObject({ exitCode: 0 });
    expect(await workspace.hasChanges()).toBe(false);
  });
});

describe("a resource without a behaviour", () => {
  it("gets stable values of the real form", async () => {
    const workspace = await open(`
      provider "aws" {
        region = "us-east-1"
        default_tags {
          tags = { team = "runners" }
        }
      }
      resource "aws_lambda_function" "f" {
        function_name = "f"
        role          = "arn:aws:iam::123456789012:role/r"
        runtime       = "nodejs24.x"
        handler       = "index.handler"
        filename      = "main.tf"
        tags          = { own = "yes" }
      }
      resource "aws_lambda_function_url" "u" {
        function_name      = aws_lambda_function.f.function_name
        authorization_type = "NONE"
      }`);

    await workspace.apply();

    const [fn, url] = await workspace.resources();
    expect(fn?.values).toMatchObject({
      arn: "arn:aws:lambda:us-east-1:123456789012:function:f",
      tags_all: { team: "runners", own: "yes" },
      region: "us-east-1",
    });
    expect(url?.values.function_url).toMatch(/^https:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.on\.aws\/$/);
    expect(await workspace.hasChanges()).toBe(false);
  });

  it("is refused by strict providers", async () => {
    const workspace = await open(queue("one"), { strict: true });

    const [problem] = await workspace.diagnose();

    expect(problem?.summary).toBe("The lab does not serve aws_sqs_queue");
  });

  it("has passwords of real randomness, as long and as plain as asked for", async () => {
    const workspace = await open(`resource "random_password" "p" {
      count   = 2
      length  = 64
      special = false
    }`);

    await workspace.apply();

    const [first, second] = (await workspace.resources()).map(({ values }) => values.result);
    expect(first).toMatch(/^[a-zA-Z0-9]{64}$/);
    expect(first).not.toBe(second);
    expect(await workspace.hasChanges()).toBe(false);
  });
});

describe("several runs at once", () => {
  let providers: ServedProviders;
  beforeAll(async () => {
    providers = await serveProviders();
  });
  afterAll(() => providers.close());

  it("do not mix up the regions of their providers", async () => {
    const arns = await Promise.all(
      ["us-east-1", "eu-west-1", "us-west-2"].map(async (region) => {
        const main = `provider "aws" { region = "${region}" }\n${queue("q")}`;
        const workspace = await createWorkspace({ files: { "main.tf": main }, env: providers.env });
        await workspace.apply();
        const [resource] = await workspace.resources();
        await workspace.close();
        return resource?.values.arn;
      }),
    );

    expect(arns).toEqual(
      ["us-east-1", "eu-west-1", "us-west-2"].map((region) => `arn:aws:sqs:${region}:123456789012:q`),
    );
  });
});

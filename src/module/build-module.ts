import { App } from "cdktf";
import type { Body } from "../hcl/model.ts";
import { Outputs, Variables, Versions } from "../interface/constructs.ts";
import { toBody } from "../synth/to-body.ts";
import { Alarms } from "./alarms.ts";
import { AppKey } from "./app-key.ts";
import { BuildContext } from "./build-context.ts";
import { Checks } from "./checks.ts";
import { ClassImages } from "./class-images.ts";
import { Classes } from "./classes.ts";
import { Dashboard } from "./dashboard.ts";
import { Data } from "./data.ts";
import { Dispatcher } from "./dispatcher.ts";
import { GithubWebhooks } from "./github-webhooks.ts";
import { Iam } from "./iam.ts";
import { Image } from "./image.ts";
import { Locals } from "./locals.ts";
import { Metrics } from "./metrics.ts";
import { ModuleStack } from "./module-stack.ts";
import { Prune } from "./prune.ts";
import { Queries } from "./queries.ts";
import { Queue } from "./queue.ts";
import { Redeliver } from "./redeliver.ts";
import { Refresh } from "./refresh.ts";
import { Secret } from "./secret.ts";
import { Storage } from "./storage.ts";
import { Table } from "./table.ts";
import { Webhook } from "./webhook.ts";

/** A file of the module: its body, and the source that a reader should change instead. */
export interface ModuleFile {
  readonly source: string;
  readonly body: Body;
}

/** Where a file comes from that is not generated from the source of its own name. */
const SOURCES: Readonly<Record<string, string>> = {
  versions: "src/interface/versions.ts",
  variables: "src/interface",
  outputs: "src/interface/outputs.ts",
};

/** The module's `.tf` files by name: one for each construct in the stack. */
export function buildModule(): Map<string, ModuleFile> {
  const stack = new ModuleStack(new App({ skipValidation: true }));
  new Versions(stack, "versions");
  new Variables(stack, "variables");
  new Outputs(stack, "outputs");
  new Locals(stack, "locals");
  new BuildContext(stack, "build_context");
  new Checks(stack, "checks");
  new Data(stack, "data");
  const appKey = new AppKey(stack, "app_key");
  const iam = new Iam(stack, "iam");
  const storage = new Storage(stack, "storage");
  const secret = new Secret(stack, "secret");
  const queue = new Queue(stack, "queue");
  const table = new Table(stack, "table");
  const image = new Image(stack, "image", { iam, storage });
  const images = new ClassImages(stack, "class_images", { image, storage });
  const classes = new Classes(stack, "classes", { images });
  const webhook = new Webhook(stack, "webhook", { classes, iam, queue, secret });
  const dispatcher = new Dispatcher(stack, "dispatcher", {
    appKey,
    classes,
    iam,
    image,
    queue,
    secret,
    table,
    webhook,
  });
  const webhooks = new GithubWebhooks(stack, "github_webhooks", { secret, webhook });
  const redeliver = new Redeliver(stack, "redeliver", { appKey, classes, iam, secret, table, webhooks });
  const refresh = new Refresh(stack, "refresh", { classes, iam, image, storage, table });
  const prune = new Prune(stack, "prune", { classes, iam });
  const logs = { dispatcher: dispatcher.logs, redeliver: redeliver.logs, refresh: refresh.logs };
  new Metrics(stack, "metrics", { logs });
  new Queries(stack, "queries", { logs });
  new Alarms(stack, "alarms", {
    queue,
    functions: {
      dispatcher: dispatcher.lambda,
      prune: prune.lambda,
      redeliver: redeliver.lambda,
      refresh: refresh.lambda,
    },
  });
  new Dashboard(stack, "dashboard", {
    functions: { dispatcher: dispatcher.lambda, redeliver: redeliver.lambda, webhook: webhook.parts.lambda },
    ...{ logs, queue },
  });

  return new Map(
    stack.node.children.map((file): [string, ModuleFile] => {
      const name = file.node.id;
      const source = SOURCES[name] ?? `src/module/${name.replaceAll("_", "-")}.ts`;
      return [`${name}.tf`, { source, body: toBody(file) }];
    }),
  );
}

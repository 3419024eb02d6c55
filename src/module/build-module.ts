import { App, TerraformElement } from "cdktf";
import type { Construct } from "constructs";
import { blank, comment } from "../hcl/build.ts";
import type { Body, Item } from "../hcl/model.ts";
import { outputsBody, variablesBody, versionsBody } from "../interface/print-interface.ts";
import { toBlock } from "../synth/to-body.ts";
import { Alarms } from "./alarms.ts";
import { appKeyBody } from "./app-key.ts";
import { checksBody } from "./checks.ts";
import { contextBody } from "./context.ts";
import { Data } from "./data.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Iam } from "./iam.ts";
import { Image } from "./image.ts";
import { localsBody } from "./locals.ts";
import { commentOf, ModuleStack } from "./module-stack.ts";
import { Prune } from "./prune.ts";
import { Queue } from "./queue.ts";
import { Redeliver } from "./redeliver.ts";
import { Secret } from "./secret.ts";
import { Storage } from "./storage.ts";
import { Table } from "./table.ts";
import { Webhook } from "./webhook.ts";
import { Webhooks } from "./webhooks.ts";

/** A file of the module: its body, and the source that a reader should change instead. */
export interface ModuleFile {
  readonly source: string;
  readonly body: Body;
}

/** The module's `.tf` files by name: one for each construct in the stack, and those that hold no resources. */
export function buildModule(): Map<string, ModuleFile> {
  const stack = new ModuleStack(new App({ skipValidation: true }));
  new Data(stack, "data");
  const iam = new Iam(stack, "iam");
  const storage = new Storage(stack, "storage");
  const secret = new Secret(stack, "secret");
  const queue = new Queue(stack, "queue");
  const table = new Table(stack, "table");
  const image = new Image(stack, "image", { iam, storage });
  const webhook = new Webhook(stack, "webhook", { iam, queue, secret });
  const dispatcher = new Dispatcher(stack, "dispatcher", { iam, image, queue, secret, table, webhook });
  const webhooks = new Webhooks(stack, "webhooks", { secret, webhook });
  new Redeliver(stack, "redeliver", { iam, secret, table, webhooks });
  const prune = new Prune(stack, "prune", { iam });
  new Alarms(stack, "alarms", { queue, dispatcher, prune });

  return new Map<string, ModuleFile>([
    ["versions.tf", { source: "src/interface/versions.ts", body: versionsBody() }],
    ["variables.tf", { source: "src/interface", body: variablesBody() }],
    ["outputs.tf", { source: "src/interface/outputs.ts", body: outputsBody() }],
    ["locals.tf", { source: "src/module/locals.ts", body: localsBody() }],
    ["context.tf", { source: "src/module/context.ts", body: contextBody() }],
    ["app-key.tf", { source: "src/module/app-key.ts", body: appKeyBody() }],
    ["checks.tf", { source: "src/module/checks.ts", body: checksBody() }],
    ...stack.node.children.map((concern): [string, ModuleFile] => [
      `${concern.node.id}.tf`,
      { source: `src/module/${concern.node.id}.ts`, body: resourcesOf(stack, concern) },
    ]),
  ]);
}

/** awscc is built on protocol 6, where nested values are attributes; the others have blocks. */
const nestsAttributes = (type: string) => type.startsWith("awscc_");

function resourcesOf(stack: ModuleStack, concern: Construct): Item[] {
  return concern.node.findAll().flatMap((construct, index): Item[] => {
    if (!(construct instanceof TerraformElement)) return [];
    const text = commentOf(construct);
    return [
      ...(index === 0 ? [] : [blank]),
      ...(text === undefined ? [] : [comment(text)]),
      toBlock(stack, construct, nestsAttributes),
    ];
  });
}

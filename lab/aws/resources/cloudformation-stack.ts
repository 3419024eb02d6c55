import { randomUUID } from "node:crypto";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import { type Image, latestActiveVersion } from "../microvms/image.ts";
import type { Images } from "../microvms/images.ts";
import { type ImageAttribute, type ImageTemplate, readImageTemplate } from "./microvm-image-template.ts";
import { text } from "./values.ts";

interface Stack {
  template: ImageTemplate;
  /** Absent: it failed and was rolled back. */
  image?: Image;
  outputs: Record<string, string>;
  /** Until somebody continues the rollback by hand, no update is taken. */
  status?: "UPDATE_ROLLBACK_FAILED";
}

export interface StackDeps {
  account: Account;
  images: Images;
}

/** CloudFormation stacks that hold one AWS::Lambda::MicrovmImage. */
export function cloudformationResources({ account, images }: StackDeps): Record<string, ResourceBehaviour> {
  const stacks = new Map<string, Stack>();

  /** Creates the image and waits until it is stable; takes it back when it does not become so. */
  async function createImage(template: ImageTemplate): Promise<Image> {
    const { image, settled } = await images
      .create({ ...template.body, name: template.name })
      .catch((error: unknown) => {
        const message = messageOf(error);
        throw failed("CREATE_FAILED", message.includes("already exists") ? "null already exists." : message);
      });
    await settled;
    if (image.state === "CREATED") return image;
    const problem = notStabilized(image);
    images.delete(image.arn);
    throw failed("CREATE_FAILED", problem);
  }

  async function updateImage(stack: Stack, image: Image, after: ImageTemplate): Promise<void> {
    const before = stack.template;
    const { settled } = await images.update(image.arn, after.body).catch((error: unknown) => {
      throw failed("UPDATE_ROLLBACK_COMPLETE", messageOf(error));
    });
    await settled;
    if (isUpdated(image)) return;
    const problem = notStabilized(image);
    // A rollback is an update with the template before, and builds: it may fail as any build does (CloudFormation guide,
    // continue rolling back an update).
    await (await images.update(image.arn, before.body)).settled;
    if (isUpdated(image)) throw failed("UPDATE_ROLLBACK_COMPLETE", problem);
    stack.status = "UPDATE_ROLLBACK_FAILED";
    throw failed("UPDATE_ROLLBACK_FAILED", `${problem}; and its rollback: ${notStabilized(image)}`);
  }

  return {
    aws_cloudformation_stack: {
      async create(planned) {
        const name = text(planned, "name");
        if (stacks.has(name)) throw new ProviderError(`AlreadyExistsException: Stack [${name}] already exists`);
        const template = readImageTemplate(text(planned, "template_body"));
        const stack: Stack = { template, outputs: {} };
        stacks.set(name, stack);
        try {
          stack.image = await createImage(template);
        } catch (error: unknown) {
          // Without DELETE a stack that was rolled back stays and keeps its name.
          if (planned.on_failure === "DELETE") stacks.delete(name);
          throw error;
        }
        stack.outputs = outputsOf(template, stack.image);
        return { id: regionalArn(account, "cloudformation", `stack/${name}/${randomUUID()}`), outputs: stack.outputs };
      },
      read(state) {
        const stack = stacks.get(text(state, "name"));
        return stack === undefined ? null : { outputs: stack.outputs };
      },
      async update(planned) {
        const stack = stacks.get(text(planned, "name"));
        if (stack?.image === undefined) throw new ProviderError("ValidationError: the stack does not exist");
        if (stack.status === "UPDATE_ROLLBACK_FAILED") {
          throw new ProviderError(
            `updating CloudFormation Stack (${text(planned, "name")}): ValidationError: Stack:${text(planned, "id")} is in UPDATE_ROLLBACK_FAILED state and can not be updated.`,
          );
        }
        const template = readImageTemplate(text(planned, "template_body"));
        if (template.name !== stack.template.name) {
          // The name is createOnly: CloudFormation makes another image and cleans up the old one.
          const image = await createImage(template);
          images.delete(stack.image.arn);
          stack.image = image;
        } else if (JSON.stringify(template.body) !== JSON.stringify(stack.template.body)) {
          await updateImage(stack, stack.image, template);
        }
        stack.template = template;
        stack.outputs = outputsOf(template, stack.image);
        return { outputs: stack.outputs };
      },
      delete(state: Values) {
        const name = text(state, "name");
        const stack = stacks.get(name);
        if (stack === undefined) return;
        try {
          if (stack.image !== undefined && !stack.template.retained) images.delete(stack.image.arn);
        } catch (error: unknown) {
          throw failed("DELETE_FAILED", messageOf(error));
        }
        stacks.delete(name);
      },
    },
  };
}

const isUpdated = ({ state }: Image) => state === "UPDATED";

function outputsOf({ outputs }: ImageTemplate, image: Image): Record<string, string> {
  const attributes: Record<ImageAttribute, string | undefined> = {
    ImageArn: image.arn,
    State: image.state,
    LatestActiveImageVersion: latestActiveVersion(image)?.version,
    LatestFailedImageVersion: image.latestFailed,
  };
  return Object.fromEntries(Object.entries(outputs).map(([name, which]) => [name, attributes[which] ?? ""]));
}

// What is wrong stands in the builds and the log only (microvm-platform 4.1); the lab adds it, in brackets.
function notStabilized(image: Image): string {
  const reason = image.versions.at(-1)?.builds[0]?.stateReason ?? "unknown";
  return `NotStabilized: image state ${image.state} (build: ${reason})`;
}

function failed(status: string, reason: string): ProviderError {
  return new ProviderError(`waiting for CloudFormation Stack: unexpected state '${status}': ${reason}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { randomUUID } from "node:crypto";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
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

export interface Stacks {
  resources: Record<string, ResourceBehaviour>;
  /** What somebody does by hand to a stack whose rollback failed: tries it again. */
  continueRollback(name: string): Promise<void>;
}

/** CloudFormation stacks that hold one AWS::Lambda::MicrovmImage. */
export function createStacks({ account, images }: StackDeps): Stacks {
  const stacks = new Map<string, Stack>();

  const { createImage, updateImage, restore } = imageUpdates(images);
  const resources: Record<string, ResourceBehaviour> = {
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
  return {
    resources,
    async continueRollback(name) {
      const stack = stacks.get(name);
      if (stack?.image === undefined || stack.status !== "UPDATE_ROLLBACK_FAILED") {
        throw new Error(`ValidationError: Stack [${name}] is not in UPDATE_ROLLBACK_FAILED state`);
      }
      const problem = await restore(stack, stack.image);
      if (problem !== undefined) throw failed("UPDATE_ROLLBACK_FAILED", problem);
      delete stack.status;
    },
  };
}

/** What a stack does to its image. */
function imageUpdates(images: Images) {
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
    try {
      const { settled } = await images.update(image.arn, after.body);
      await settled;
    } catch (error: unknown) {
      // What is refused for what it says would be refused again, and the image is as it was. One that is busy is tried.
      if (!(error instanceof AwsError) || error.code !== "ConflictException") {
        throw failed("UPDATE_ROLLBACK_COMPLETE", messageOf(error));
      }
      return rollBack(stack, image, messageOf(error));
    }
    if (!isUpdated(image)) await rollBack(stack, image, notStabilized(image));
  }

  // A rollback is an update with the template before, and builds: it may fail as any does, also because the image is
  // busy (CloudFormation guide, continue rolling back an update).
  async function rollBack(stack: Stack, image: Image, problem: string): Promise<never> {
    const again = await restore(stack, image);
    if (again === undefined) throw failed("UPDATE_ROLLBACK_COMPLETE", problem);
    stack.status = "UPDATE_ROLLBACK_FAILED";
    throw failed("UPDATE_ROLLBACK_FAILED", `${problem}; and its rollback: ${again}`);
  }

  /** Why it failed; undefined when it did not. */
  async function restore({ template }: Stack, image: Image): Promise<string | undefined> {
    try {
      await (await images.update(image.arn, template.body)).settled;
    } catch (error: unknown) {
      return messageOf(error);
    }
    return isUpdated(image) ? undefined : notStabilized(image);
  }

  return { createImage, updateImage, restore };
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

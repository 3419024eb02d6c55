/**
 * The MicroVM image, straight through its own API: of hashicorp/awscc, because MiniStack's Cloud Control computes no
 * attribute, and of a CloudFormation stack, because its CloudFormation does not know the type.
 */
import * as microvms from "@aws-sdk/client-lambda-microvms";
import { readImageTemplate } from "../../lab/aws/resources/microvm-image-template.ts";
import { number, object, objects, text, texts } from "../../lab/aws/resources/values.ts";
import type { ProviderBehaviour, ResourceBehaviour, Values } from "../../lab/terraform/behaviour.ts";
import { known, orNull } from "./answers.ts";

async function readImage(client: microvms.LambdaMicrovmsClient, imageIdentifier: string): Promise<Values | null> {
  const found = await orNull(client.send(new microvms.GetMicrovmImageCommand({ imageIdentifier })));
  if (found === null) return null;
  return known({
    ...{ id: found.imageArn, image_arn: found.imageArn, state: found.state },
    latest_active_image_version: found.latestActiveImageVersion,
    created_at: found.createdAt?.toISOString(),
    updated_at: found.updatedAt?.toISOString(),
  });
}

/** A stack that holds one image, as the module has it. */
export function stackType(client: microvms.LambdaMicrovmsClient): ResourceBehaviour {
  const bodyOf = (planned: Values) => {
    const { name, body } = readImageTemplate(text(planned, "template_body"));
    // The shape is the API's own, by the CloudFormation schema.
    return { name, request: body as Omit<microvms.CreateMicrovmImageCommandInput, "name"> };
  };
  const imageOf = (state: Values) => String(object(state, "outputs").ImageArn);
  return {
    async create(planned) {
      const { name, request } = bodyOf(planned);
      const { imageArn = "" } = await client.send(new microvms.CreateMicrovmImageCommand({ name, ...request }));
      return { id: `stack/${text(planned, "name")}`, outputs: { ImageArn: imageArn } };
    },
    read: async (state) => ((await readImage(client, imageOf(state))) === null ? null : {}),
    async update(planned, prior) {
      const { request } = bodyOf(planned);
      await client.send(new microvms.UpdateMicrovmImageCommand({ imageIdentifier: imageOf(prior), ...request }));
      return { outputs: object(prior, "outputs") };
    },
    async delete(state) {
      await client.send(new microvms.DeleteMicrovmImageCommand({ imageIdentifier: imageOf(state) }));
    },
  };
}

export function imageTypes(client: microvms.LambdaMicrovmsClient, region: string): ProviderBehaviour {
  const read = (imageIdentifier: string) => readImage(client, imageIdentifier);
  return {
    resources: {
      awscc_lambda_microvm_image: {
        async create(planned) {
          const name = text(planned, "name");
          const { imageArn = name } = await client.send(
            new microvms.CreateMicrovmImageCommand({ name, ...requestOf(planned) }),
          );
          return { latest_failed_image_version: null, ...(await read(imageArn)) };
        },
        read: (state) => read(text(state, "image_arn")),
        async update(planned, prior) {
          const imageIdentifier = text(prior, "image_arn");
          await client.send(new microvms.UpdateMicrovmImageCommand({ imageIdentifier, ...requestOf(planned) }));
          return { ...(await read(imageIdentifier)) };
        },
        async delete(state) {
          await client.send(new microvms.DeleteMicrovmImageCommand({ imageIdentifier: text(state, "image_arn") }));
        },
        replacedBy: ["name"],
      },
    },
    dataSources: {
      awscc_lambda_microvm_images: {
        async read() {
          const { items = [] } = await client.send(new microvms.ListMicrovmImagesCommand({}));
          return { id: region, ids: items.map(({ imageArn }) => String(imageArn)) };
        },
      },
      awscc_lambda_microvm_image: {
        async read({ id }) {
          const { id: _arn, ...found } = (await read(String(id))) ?? {};
          return { ...found, name: String(id).split("/").at(-1) ?? "" };
        },
      },
    },
  };
}

function requestOf(planned: Values) {
  const hooks = object(planned, "hooks");
  return {
    baseImageArn: text(planned, "base_image_arn"),
    baseImageVersion: text(planned, "base_image_version"),
    buildRoleArn: text(planned, "build_role_arn"),
    codeArtifact: { uri: text(object(planned, "code_artifact"), "uri") },
    description: text(planned, "description"),
    egressNetworkConnectors: texts(planned, "egress_network_connectors"),
    resources: objects(planned, "resources").map((each) => ({
      minimumMemoryInMiB: number(each, "minimum_memory_in_mi_b", 0),
    })),
    environmentVariables: Object.fromEntries(
      objects(planned, "environment_variables").map((each) => [text(each, "key"), text(each, "value")]),
    ),
    hooks: { port: number(hooks, "port", 0), microvmHooks: { run: "ENABLED" as const } },
  };
}

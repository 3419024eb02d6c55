const text = { type: "string", description_kind: "plain" } as const;
const required = { ...text, required: true } as const;
const optional = { ...text, optional: true } as const;
const computed = { ...text, computed: true } as const;

/** What the module uses of the data source `archive_file`, from the provider's documentation (hashicorp/archive 2.4). */
export const ARCHIVE_FILE = {
  version: 0,
  block: {
    description_kind: "plain",
    attributes: {
      type: required,
      output_path: required,
      output_file_mode: optional,
      output_sha256: computed,
    },
    block_types: {
      source: {
        nesting_mode: "set",
        block: { description_kind: "plain", attributes: { filename: required, content: required } },
      },
    },
  },
} as const;

/** What the module uses of the data source `awscc_lambda_microvm_image`, from the provider's documentation (hashicorp/awscc 1.90). */
export const MICROVM_IMAGE = {
  version: 1,
  block: {
    description_kind: "plain",
    attributes: { id: required, image_arn: computed, state: computed, latest_active_image_version: computed },
  },
} as const;

/** The data source `awscc_lambda_microvm_images`: the ARNs of the account's images, from the same place. */
export const MICROVM_IMAGES = {
  version: 1,
  block: {
    description_kind: "plain",
    attributes: { id: computed, ids: { type: ["set", "string"], description_kind: "plain", computed: true } },
  },
} as const;

const text = { type: "string", description_kind: "plain" } as const;
const required = { ...text, required: true } as const;
const optional = { ...text, optional: true } as const;
const computed = { ...text, computed: true } as const;

/**
 * What the module uses of the data source `archive_file`, from the provider's documentation (hashicorp/archive 2.4).
 */
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

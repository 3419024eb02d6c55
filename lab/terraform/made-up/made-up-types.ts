import { createHash } from "node:crypto";
import type { Values } from "../behaviour.ts";
import { knownPart, type PlanValues } from "../dynamic-value.ts";
import type { ProviderName } from "../load-schema.ts";
import type { ProviderSchema, Schema } from "../schema.ts";
import type { ProviderContext, TypeRules } from "../type-rules.ts";
import { findSchema, type TypeName } from "./find-schema.ts";

/** The types behind which nothing stands: what is computed of them is made up, the same for the same configuration. */
export class MadeUpTypes {
  readonly #named: () => Promise<readonly TypeName[]>;
  readonly #noted = new Set<string>();
  readonly #alike = new Map<string, number>();

  /** `named` says which types the configuration names, each time that Terraform asks for a provider's schema. */
  constructor(named: () => Promise<readonly TypeName[]>) {
    this.#named = named;
  }

  /** Adds to a provider's schema what the configuration names of its types, as far as a schema of them can be had. */
  async extend(provider: ProviderName, schema: ProviderSchema): Promise<void> {
    const ours = (await this.#named()).filter(({ type }) => type.startsWith(`${provider}_`));
    for (const { kind, type } of ours) {
      const known: Record<string, Schema> = kind === "resource" ? schema.resource_schemas : schema.data_source_schemas;
      const found = known[type] ?? (await findSchema(provider, { kind, type }));
      if (found !== undefined) known[type] = found;
    }
  }

  note(name: string): void {
    this.#noted.add(name);
  }

  /** Types that have had made-up values, such as `aws_instance` and `data.aws_ami`. */
  names(): string[] {
    return [...this.#noted].sort();
  }

  /** What made-up values are made of: of resources that are configured alike, each has its own. */
  serial(type: string, planned: PlanValues): string {
    const configured = `${type} ${JSON.stringify(knownPart(planned))}`;
    const before = this.#alike.get(configured) ?? 0;
    this.#alike.set(configured, before + 1);
    return createHash("sha256").update(`${configured} ${before}`).digest("hex");
  }
}

/** What a data source behind which nothing stands answers: the same to the same question. */
export function madeUpAnswer({ block }: Schema, type: string, config: PlanValues, context: ProviderContext): Values {
  const unique = createHash("sha256")
    .update(`${type} ${JSON.stringify(knownPart(config))}`)
    .digest("hex");
  const asked = Object.entries(madeUpRules(type).computed ?? {}).filter(
    ([name]) => block.attributes?.[name]?.computed === true && (config[name] ?? null) === null,
  );
  return knownPart(Object.fromEntries(asked.map(([name, compute]) => [name, compute({}, context, unique)])));
}

const digest = (unique: string) => unique.slice(0, 12);

/** Values of the form that others check: ARNs of aws, and the dates of the provider `time`. */
export function madeUpRules(type: string): TypeRules {
  const [provider = "", service = "", ...rest] = type.split("_");
  const kind = rest.length === 0 ? service : rest.join("-");
  const text = (name: string) => (_values: Values, _context: ProviderContext, unique: string) =>
    `${name}-${digest(unique)}`;
  return {
    computed: {
      ...(provider.startsWith("aws")
        ? {
            arn: (_values, { account, partition, region }, unique) =>
              `arn:${partition}:${service}:${region}:${account}:${kind}/${digest(unique)}`,
          }
        : {}),
      id: text("id"),
      name: text("name"),
      rfc3339: () => "2026-01-01T00:00:00Z",
    },
  };
}

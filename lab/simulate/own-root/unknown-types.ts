import { namedTypes } from "../../terraform/made-up/named-types.ts";

/** What Terraform said of types and providers that it does not find, in the lab's words: one line for each type. */
export async function unknownTypes(said: string, dir: string): Promise<string[]> {
  // Its boxes break lines where the terminal ends.
  const text = said.replace(/\s*\n[│\s]*/g, " ");
  const types = [
    ...text.matchAll(/provider (\S+) does not support (?:resource type|data source|ephemeral resource) "(\w+)"/g),
  ];
  const unserved = [...text.matchAll(/The lab does not serve (ephemeral\.\w+)/g)];
  const providers = [...text.matchAll(/available (?:versions|packages) for provider (\S+?)[,:]? /g)];
  const strangers = [...new Set(providers.map(([, provider = ""]) => provider))];
  const ofStrangers = strangers.length === 0 ? [] : await namedTypes(dir);
  return [
    ...new Set([
      ...types.map(
        ([, provider = "", type]) => `no schema of ${type} (provider ${short(provider)}) is in an installed package`,
      ),
      ...unserved.map(([, type]) => `the lab does not serve ${type}`),
      ...strangers.flatMap((provider) => {
        const named = ofStrangers.filter(({ type }) => isOf(type, provider)).map(({ type }) => type);
        const used = named.length === 0 ? "" : `: ${named.join(", ")}`;
        return `the lab does not know the provider ${short(provider)}${used}`;
      }),
    ]),
  ];
}

const short = (provider: string) => provider.replace(/^registry\.(terraform\.io|opentofu\.org)\//, "");

function isOf(type: string, provider: string): boolean {
  const [name = ""] = provider.split("/").slice(-1);
  return type === name || type.startsWith(`${name}_`);
}

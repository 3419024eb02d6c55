import type { JsonWebKey } from "node:crypto";

/**
 * An `encoded_jit_config` as GitHub would give it, for a runner that GitHub has never heard of: every address is
 * `origin`, a server inside the MicroVM, and the key was made for this one use.
 */
export function rehearsalJitConfig(origin: string, key: JsonWebKey): string {
  const address = `${origin}/listener`;
  const files: Record<string, unknown> = {
    ".runner": {
      AgentId: "1",
      AgentName: "rehearsal",
      DisableUpdate: "True",
      Ephemeral: "True",
      GitHubUrl: `${address}/rehearsal`,
      PoolId: "1",
      PoolName: "Default",
      ServerUrl: `${address}/legacy/`,
      ServerUrlV2: `${address}/`,
      UseV2Flow: "True",
      WorkFolder: "_work",
    },
    ".credentials": {
      Data: {
        AuthorizationUrl: `${address}/legacy/token`,
        AuthorizationUrlV2: `${address}/token`,
        ClientId: "00000000-0000-4000-8000-000000000000",
        requireFipsCryptography: "True",
      },
      Scheme: "OAuth",
    },
    ".credentials_rsaparams": rsaParameters(key),
  };
  const encoded = Object.entries(files).map(([name, content]) => [name, base64(JSON.stringify(content))]);
  return base64(JSON.stringify(Object.fromEntries(encoded)));
}

/** The names of the files that the listener makes of it. */
export const JIT_FILES = [".runner", ".credentials", ".credentials_rsaparams"] as const;

/** As .NET's RSAParameters serialise: plain base64, where a JWK has base64url. */
function rsaParameters(key: JsonWebKey): Record<string, string> {
  const plain = (value: string | undefined) => Buffer.from(value ?? "", "base64url").toString("base64");
  return {
    d: plain(key.d),
    dp: plain(key.dp),
    dq: plain(key.dq),
    exponent: plain(key.e),
    inverseQ: plain(key.qi),
    modulus: plain(key.n),
    p: plain(key.p),
    q: plain(key.q),
  };
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

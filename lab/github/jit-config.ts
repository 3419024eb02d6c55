import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

export interface JitIdentity {
  agentId: number;
  agentName: string;
  clientId: string;
  groupId: number;
  groupName: string;
  workFolder: string;
  /** Page of the repository or organization. */
  gitHubUrl: string;
  brokerUrl: string;
}

const generate = promisify(generateKeyPair);

/**
 * GitHub's `encoded_jit_config`: base64 of a JSON map from file name to the file's text in base64, with the three files
 * that `config.sh` would have written (actions/runner, JitConfig in Runner.Listener). All settings are text there.
 */
export async function encodeJitConfig(identity: JitIdentity): Promise<string> {
  const tokenPath = `_apis/oauth2/token/${identity.clientId}`;
  const files: Record<string, unknown> = {
    ".runner": {
      AgentId: String(identity.agentId),
      AgentName: identity.agentName,
      DisableUpdate: "True",
      Ephemeral: "True",
      GitHubUrl: identity.gitHubUrl,
      PoolId: String(identity.groupId),
      PoolName: identity.groupName,
      ServerUrl: `${identity.brokerUrl}/legacy/`,
      ServerUrlV2: identity.brokerUrl,
      UseV2Flow: "True",
      WorkFolder: identity.workFolder,
    },
    ".credentials": {
      Data: {
        AuthorizationUrl: `${identity.brokerUrl}/legacy/${tokenPath}`,
        AuthorizationUrlV2: `${identity.brokerUrl}/${tokenPath}`,
        ClientId: identity.clientId,
        requireFipsCryptography: "True",
      },
      Scheme: "OAuth",
    },
    ".credentials_rsaparams": await keyParameters(),
  };
  const encoded = Object.entries(files).map(([name, content]) => [name, base64(JSON.stringify(content))]);
  return base64(JSON.stringify(Object.fromEntries(encoded)));
}

/** A key as .NET's RSAParameters serialise: plain base64, where a JWK has base64url. */
async function keyParameters(): Promise<Record<string, string>> {
  const { privateKey } = await generate("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const plain = (value: string | undefined) => Buffer.from(value ?? "", "base64url").toString("base64");
  return {
    d: plain(jwk.d),
    dp: plain(jwk.dp),
    dq: plain(jwk.dq),
    exponent: plain(jwk.e),
    inverseQ: plain(jwk.qi),
    modulus: plain(jwk.n),
    p: plain(jwk.p),
    q: plain(jwk.q),
  };
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

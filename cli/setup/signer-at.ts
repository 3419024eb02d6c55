import type { Sign } from "../../dispatcher/ports.ts";
import type { SetupContext } from "./context.ts";
import type { KeyPlace } from "./key-place.ts";

/** The App's key as it is kept: its text, or who signs in its place; undefined where none was stored. */
export async function signerAt(
  { aws }: Pick<SetupContext, "aws">,
  keyPlace: KeyPlace,
  at: string,
): Promise<string | Sign | undefined> {
  const found = await keyPlace.read(at);
  if (found !== "kept") return found;
  const signer = await aws.appKey({ app_id: "unused", kms_signing_key_arn: at });
  return "sign" in signer ? signer.sign : signer.pem;
}

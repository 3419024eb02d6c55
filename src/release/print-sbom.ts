import { createHash } from "node:crypto";
import type { BundledPackage } from "./bundled-packages.ts";

export interface Release {
  readonly version: string;
  /** When its source was committed: the same source gives the same document. */
  readonly date: Date;
}

/** A CycloneDX 1.6 document of what the files of the module, by name, are and which packages are in them. */
export function printSbom(
  { version, date }: Release,
  files: ReadonlyMap<string, Uint8Array>,
  packages: readonly BundledPackage[],
): string {
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: date.toISOString(),
      lifecycles: [{ phase: "build" }],
      component: {
        type: "application",
        "bom-ref": "module",
        name: "terraform-aws-github-runner-lambda-microvms",
        version,
        licenses: [{ license: { id: "MIT" } }],
      },
    },
    components: [...[...files].map(fileComponent), ...packages.map(packageComponent)],
    dependencies: [
      { ref: "module", dependsOn: [...files.keys()] },
      ...[...files.keys()].map((name) => ({
        ref: name,
        dependsOn: packages.filter(({ bundles }) => bundles.includes(name)).map(purl),
      })),
    ],
  };
  // The format wants one number for one document, and the same source to give the same one: it is drawn from the
  // content.
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(document))}`;
  return `${JSON.stringify({ ...document, serialNumber }, null, 2)}\n`;
}

function fileComponent([name, content]: [string, Uint8Array]) {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { type: "file", "bom-ref": name, name, hashes: [{ alg: "SHA-256", content: sha256 }] };
}

function packageComponent(each: BundledPackage) {
  return {
    type: "library",
    "bom-ref": purl(each),
    name: each.name,
    version: each.version,
    scope: "required",
    hashes: [{ alg: "SHA-512", content: each.sha512 }],
    licenses: [{ license: { id: each.licence } }],
    purl: purl(each),
  };
}

/** As the package-url specification wants it: the `@` of a scope is escaped. */
function purl({ name, version }: BundledPackage): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

/** Version 8 of RFC 9562: made of a hash of one's own choice. */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

import { unzipSync } from "fflate";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleCli } from "../../../src/bundle/bundle-cli.ts";
import { generateModule } from "../../../src/generate-module.ts";
import { BUNDLES, type BundledPackage, bundledPackages, packageFolder } from "../../../src/release/bundled-packages.ts";
import { printNotices } from "../../../src/release/print-notices.ts";
import { printSbom } from "../../../src/release/print-sbom.ts";

/** Licences that ask no more than to be passed on; anything else is for a person to decide. */
const ALLOWED_LICENCES = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

let packages: BundledPackage[];
let files: Map<string, Uint8Array>;
beforeAll(async () => {
  packages = await bundledPackages();
  const module = await generateModule();
  const commands = Buffer.from(await bundleCli());
  files = new Map(
    Object.keys(BUNDLES).map((path) => {
      const [zip = "", name = ""] = path.split("/");
      const content = name === "" ? commands : unzipSync(Buffer.from(module.get(zip) ?? ""))[name];
      return [path, content ?? new Uint8Array()];
    }),
  );
});

describe("the bundled packages", () => {
  it("are those that the code imports, and no tool", () => {
    const names = packages.map(({ name }) => name);

    expect(names).toEqual(expect.arrayContaining(["@octokit/auth-app", "@octokit/request", "aws4fetch", "valibot"]));
    expect(names.filter((name) => /^(@types|typescript|esbuild|cdktf|projen)/.test(name))).toEqual([]);
    expect(packages.find(({ name }) => name === "valibot")?.bundles).toEqual(Object.keys(BUNDLES).toSorted());
  });

  it("have licences that are allowed, with a text", () => {
    expect(packages.filter(({ licence }) => !ALLOWED_LICENCES.includes(licence))).toEqual([]);
    for (const { name, licenceText } of packages) expect(licenceText, name).toMatch(/copyright/i);
  });

  it("are named in the notices with their licences", () => {
    const notices = printNotices(packages);

    for (const { name, version, licenceText } of packages) {
      expect(notices).toContain(`${name} ${version}`);
      expect(notices).toContain(licenceText);
    }
  });

  it.each([
    ["node_modules/a/index.js", "node_modules/a"],
    ["node_modules/@s/a/lib/x.js", "node_modules/@s/a"],
    ["node_modules/@s/a/node_modules/b/x.js", "node_modules/@s/a/node_modules/b"],
    ["dispatcher/core/job.ts", undefined],
  ])("belong to a folder: %s", (path, folder) => {
    expect(packageFolder(path)).toBe(folder);
  });
});

// What https://cyclonedx.org/schema/bom-1.6.schema.json demands of the fields that are used.
describe("the bill of materials", () => {
  const release = { version: "1.2.3", date: new Date("2030-01-02T03:04:05Z") };
  const sbom = () => JSON.parse(printSbom(release, files, packages)) as Sbom;

  it("says what it is", () => {
    const { bomFormat, specVersion, version, serialNumber, metadata } = sbom();

    expect({ bomFormat, specVersion, version }).toEqual({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(metadata.timestamp).toBe("2030-01-02T03:04:05.000Z");
    expect(metadata.component).toMatchObject({ type: "application", version: "1.2.3" });
  });

  it("has fields of the specification only, and every reference once", () => {
    const { components, dependencies, metadata, ...rest } = sbom();
    const refs = [metadata.component, ...components].map((component) => component["bom-ref"]);

    expect(Object.keys(rest).toSorted()).toEqual(["bomFormat", "serialNumber", "specVersion", "version"]);
    expect(new Set(refs).size).toBe(refs.length);
    expect(new Set(dependencies.map(({ ref }) => ref)).size).toBe(dependencies.length);
    const named = dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
    expect(named.filter((ref) => !refs.includes(ref))).toEqual([]);
    expect(refs.filter((ref) => !named.includes(ref))).toEqual([]);
  });

  it("gives each component a type, a name and a hash that fits its algorithm", () => {
    const digits: Record<string, number> = { "SHA-256": 64, "SHA-512": 128 };

    for (const { type, name, hashes, purl } of sbom().components) {
      expect(["file", "library"]).toContain(type);
      expect(name).not.toBe("");
      for (const { alg, content } of hashes) expect(content).toMatch(new RegExp(`^[0-9a-f]{${digits[alg]}}$`));
      if (type === "library") expect(purl).toMatch(/^pkg:npm\/(%40[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+/);
    }
  });

  it("is the same twice, and has another number for another release", () => {
    expect(printSbom(release, files, packages)).toBe(printSbom(release, files, packages));
    const other: Sbom = JSON.parse(printSbom({ ...release, version: "1.2.4" }, files, packages));
    expect(other.serialNumber).not.toBe(sbom().serialNumber);
  });
});

interface Component {
  type: string;
  name: string;
  "bom-ref": string;
  hashes: { alg: string; content: string }[];
  purl?: string;
}

interface Sbom {
  bomFormat: string;
  specVersion: string;
  version: number;
  serialNumber: string;
  metadata: { timestamp: string; component: Component & { version: string } };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

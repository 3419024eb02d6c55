import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { type DataSourceBehaviour, ProviderError, type Value, type Values } from "./behaviour.ts";
import { isObject } from "./dynamic-value.ts";

/** The real provider dates every entry so, that the same contents make the same archive. */
const DATE = new Date("2049-01-01T00:00:00Z");

/** `archive_file`, of type `zip`; relative paths are relative to where Terraform runs. */
export function archiveFile(workingDirectory: string | undefined): DataSourceBehaviour {
  return {
    read(config) {
      if (config.type !== "zip") throw new ProviderError(`the lab writes archives of type zip only`);
      const target = at(workingDirectory, config.output_path);
      const archive = zipSync(entries(config, workingDirectory), { mtime: DATE, level: 9 });
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, archive);
      const hash = (algorithm: string, encoding: "hex" | "base64") =>
        createHash(algorithm).update(archive).digest(encoding);
      return {
        id: hash("sha1", "hex"),
        output_size: archive.length,
        output_md5: hash("md5", "hex"),
        output_sha: hash("sha1", "hex"),
        output_sha256: hash("sha256", "hex"),
        output_sha512: hash("sha512", "hex"),
        output_base64sha256: hash("sha256", "base64"),
        output_base64sha512: hash("sha512", "base64"),
      };
    },
  };
}

function entries(config: Values, workingDirectory: string | undefined): Zippable {
  const {
    source_file: file,
    source_dir: folder,
    source_content: content,
    source_content_filename: name,
    source,
  } = config;
  if (typeof file === "string") return { [basename(file)]: readSource(at(workingDirectory, file)) };
  if (typeof folder === "string") return folderEntries(at(workingDirectory, folder), texts(config.excludes));
  if (typeof content === "string" && typeof name === "string") return { [name]: Buffer.from(content) };
  const files = Array.isArray(source) ? source.filter((item) => isObject(item)) : [];
  if (files.length === 0) {
    throw new ProviderError("one of source_file, source_dir, source_content_filename or source must be set");
  }
  const pairs = files.map((each): [string, Buffer] => [String(each.filename), Buffer.from(String(each.content))]);
  return Object.fromEntries(pairs.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function folderEntries(folder: string, excludes: string[]): Zippable {
  if (!existsSync(folder)) throw new ProviderError(`could not archive missing directory: ${folder}`);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile())
    .filter((name) => !excludes.some((excluded) => name === excluded || name.startsWith(`${excluded}/`)))
    .sort();
  return Object.fromEntries(names.map((name) => [name, readSource(join(folder, name))]));
}

function readSource(path: string): Buffer {
  if (!existsSync(path)) throw new ProviderError(`could not archive missing file: ${path}`);
  return readFileSync(path);
}

function at(workingDirectory: string | undefined, path: Value | undefined): string {
  return workingDirectory === undefined ? resolve(String(path)) : resolve(workingDirectory, String(path));
}

function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The settings of `.terraform-docs.yml` that change what is printed. */
export interface DocsSettings {
  readonly sort: boolean;
  readonly sortBy: "name" | "required" | "type";
  readonly anchor: boolean;
  readonly default: boolean;
  readonly escape: boolean;
  readonly hideEmpty: boolean;
  readonly html: boolean;
  /** Level of the headings. */
  readonly indent: number;
  readonly lockFile: boolean;
  readonly readComments: boolean;
  readonly required: boolean;
  readonly type: boolean;
  /** Sections to print; empty: all that are not hidden. */
  readonly show: readonly string[];
  readonly hide: readonly string[];
}

/** What terraform-docs does when nothing is said. */
export const DEFAULT_SETTINGS: DocsSettings = {
  sort: true,
  sortBy: "name",
  anchor: true,
  default: true,
  escape: true,
  hideEmpty: false,
  html: true,
  indent: 2,
  lockFile: true,
  readComments: true,
  required: true,
  type: true,
  show: [],
  hide: [],
};

/**
 * Reads the settings from the text of a `.terraform-docs.yml`. It knows the part of YAML that such files are written in: maps
 * of scalars one level deep, and lists in either form.
 */
export function parseSettings(yaml: string): DocsSettings {
  const values = scalarsOf(yaml);
  const flag = (name: string, fallback: boolean) => {
    const value = values.get(name)?.[0];
    return value === undefined ? fallback : value === "true";
  };
  const sortBy = values.get("sort.by")?.[0];
  const indent = Number(values.get("settings.indent")?.[0] ?? DEFAULT_SETTINGS.indent);
  return {
    sort: flag("sort.enabled", DEFAULT_SETTINGS.sort),
    sortBy: sortBy === "required" || sortBy === "type" ? sortBy : "name",
    anchor: flag("settings.anchor", DEFAULT_SETTINGS.anchor),
    default: flag("settings.default", DEFAULT_SETTINGS.default),
    escape: flag("settings.escape", DEFAULT_SETTINGS.escape),
    hideEmpty: flag("settings.hide-empty", DEFAULT_SETTINGS.hideEmpty),
    html: flag("settings.html", DEFAULT_SETTINGS.html),
    indent: indent >= 1 && indent <= 5 ? indent : DEFAULT_SETTINGS.indent,
    lockFile: flag("settings.lockfile", DEFAULT_SETTINGS.lockFile),
    readComments: flag("settings.read-comments", DEFAULT_SETTINGS.readComments),
    required: flag("settings.required", DEFAULT_SETTINGS.required),
    type: flag("settings.type", DEFAULT_SETTINGS.type),
    show: shownSections(values.get("sections.show") ?? []),
    hide: values.get("sections.hide") ?? [],
  };
}

function shownSections(names: readonly string[]): readonly string[] {
  return names.includes("all") ? [] : names;
}

function scalarsOf(yaml: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  let parent = "";
  let key = "";
  for (const line of yaml.split(/\r?\n/)) {
    const entry = /^( *)(?:(-) +)?(?:([\w-]+) *:)? *(.*?) *(?:(?:^| )#.*)?$/.exec(line);
    const [, indent = "", dash, name, rest = ""] = entry ?? [];
    if (dash !== undefined) {
      values.set(key, [...(values.get(key) ?? []), ...itemsOf(name === undefined ? rest : name)]);
    } else if (name !== undefined) {
      if (indent === "") parent = name;
      key = indent === "" ? name : `${parent}.${name}`;
      if (rest !== "") values.set(key, itemsOf(rest));
    }
  }
  return values;
}

function itemsOf(text: string): string[] {
  const list = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  return list
    .split(",")
    .map((item) => item.trim().replace(/^(["'])(.*)\1$/, "$2"))
    .filter((item) => item !== "");
}

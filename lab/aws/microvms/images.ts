import { type Account, regionalArn } from "../account.ts";
import type { Caller } from "../iam/iam.ts";
import { checkEnum, requireString, SHAPES } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";
import { type Image, type ImageVersion, latestActiveVersion } from "./image.ts";
import { buildNewVersion, type ImageBuildsOptions } from "./image-builds.ts";
import { readImageConfig } from "./image-config.ts";
import { checkPassRole } from "./pass-role.ts";

export interface ImagesOptions extends ImageBuildsOptions {
  account: Account;
  /** How long the deletion of a version takes; nobody has told for the real service. */
  deleteDelayMs: number;
  /** Whether MicroVMs of an image exist that are not terminated. */
  inUse(imageArn: string): boolean;
}

export interface Images {
  /** Starts a build; `settled` resolves once it has ended either way. */
  create(body: Record<string, unknown>, caller?: Caller): Promise<{ image: Image; settled: Promise<void> }>;
  /** PUT: what the body leaves out is reset. */
  update(
    arn: string,
    body: Record<string, unknown>,
    caller?: Caller,
  ): Promise<{ image: Image; settled: Promise<void> }>;
  find(arn: string): Image | undefined;
  all(): Image[];
  delete(arn: string): void;
  setVersionStatus(arn: string, version: string, status: unknown): ImageVersion;
  /** Starts the deletion of a version; the image is UPDATING until it is done. */
  deleteVersion(arn: string, version: string): void;
  version(arn: string, version: string): ImageVersion;
  get(arn: string): Image;
}

/** Images of an account, their versions and builds (microvm-platform 1.4, 1.5). */
export function createImages(options: ImagesOptions): Images {
  const { account, clock, events } = options;
  const images = new Map<string, Image>();
  // "Image names are never reclaimed": a name is used once, even when its image is long gone (microvm-platform 4.1).
  const usedNames = new Set<string>();

  function get(arn: string): Image {
    const image = images.get(arn);
    if (image === undefined) throw microvmErrors.notFound(`MicroVM image ${arn} not found`, arn, "microvm-image");
    return image;
  }

  function getVersion(arn: string, name: string): ImageVersion {
    const version = get(arn).versions.find((candidate) => candidate.version === name);
    if (version === undefined) {
      throw microvmErrors.notFound(`MicroVM image version ${name} not found`, arn, "microvm-image-version");
    }
    return version;
  }

  return {
    async create(body, caller) {
      const name = requireString("name", body.name, SHAPES.imageName);
      const config = readImageConfig(account, body);
      await checkPassRole(options.iam, caller, config.buildRoleArn);
      if (usedNames.has(name)) {
        throw microvmErrors.validation(`A MicroVM image with the name '${name}' already exists in this account`);
      }
      if (images.size >= 100) {
        throw microvmErrors.quotaExceeded("The maximum number of MicroVM images has been reached.", "L-942E56BE");
      }
      usedNames.add(name);
      const now = clock.now();
      const tags = body.tags;
      const image: Image = {
        name,
        arn: regionalArn(account, "lambda", `microvm-image:${name}`),
        state: "CREATING",
        createdAt: now,
        updatedAt: now,
        versions: [],
        lastNumber: 0,
        tags: typeof tags === "object" && tags !== null ? { ...(tags as Record<string, string>) } : {}, // a JSON map of strings
      };
      images.set(image.arn, image);
      return { image, settled: buildNewVersion(options, image, config, "CREATE") };
    },
    async update(arn, body, caller) {
      const config = readImageConfig(account, body);
      const image = get(arn);
      await checkPassRole(options.iam, caller, config.buildRoleArn);
      requireSettled(image);
      if (image.versions.length >= 50) {
        throw microvmErrors.quotaExceeded(
          "The maximum number of MicroVM image versions has been reached.",
          "L-F8BECE9C",
        );
      }
      image.state = "UPDATING";
      image.updatedAt = clock.now();
      return { image, settled: buildNewVersion(options, image, config, "UPDATE") };
    },
    find: (arn) => images.get(arn),
    get,
    all: () => [...images.values()],
    version: getVersion,
    delete(arn) {
      const image = get(arn);
      requireSettled(image);
      if (options.inUse(arn)) {
        throw microvmErrors.conflict(`MicroVM image ${image.name} has running MicroVMs`, arn, "microvm-image");
      }
      images.delete(arn);
      events.emit("image.state", { image: image.name, state: "DELETED" });
    },
    ...versionOperations(options, get, getVersion),
  };
}

/** What is done to a version after it was built. */
function versionOperations(
  { clock, events, deleteDelayMs }: ImagesOptions,
  get: Images["get"],
  getVersion: Images["version"],
): Pick<Images, "setVersionStatus" | "deleteVersion"> {
  return {
    setVersionStatus(arn, name, status) {
      const version = getVersion(arn, name);
      const wanted = checkEnum("status", status, ["ACTIVE", "INACTIVE"]);
      if (wanted === undefined) {
        throw microvmErrors.validation("Value at 'status' failed to satisfy constraint: Member must not be null");
      }
      requireSettled(get(arn));
      if (version.state !== "SUCCESSFUL") {
        throw microvmErrors.conflict(`Version ${name} is in state ${version.state}`, arn, "microvm-image-version");
      }
      version.status = wanted === "ACTIVE" ? "ACTIVE" : "INACTIVE";
      version.updatedAt = clock.now();
      return version;
    },
    deleteVersion(arn, name) {
      const image = get(arn);
      const version = getVersion(arn, name);
      requireSettled(image);
      if (image.versions.length === 1) {
        throw microvmErrors.validation("This is the last version. Please delete the entire image");
      }
      const { state } = image;
      version.state = "DELETING";
      image.state = "UPDATING";
      events.emit("image.state", { image: image.name, state: image.state, version: name });
      clock.setTimeout(() => {
        image.versions = image.versions.filter((other) => other !== version);
        image.state = state === "CREATED" ? "UPDATED" : state;
        image.updatedAt = clock.now();
        events.emit("image.state", { image: image.name, state: image.state });
      }, deleteDelayMs);
    },
  };
}

function requireSettled(image: Image): void {
  if (image.state === "CREATING" || image.state === "UPDATING" || image.state === "DELETING") {
    throw microvmErrors.conflict(`MicroVM image ${image.name} is in state ${image.state}`, image.arn, "microvm-image");
  }
}

/** The version that a launch gets, or the error that the service answers with (microvm-platform 1.2, 1.5, 7). */
export function versionToRun(images: Images, arn: string, wanted: string | undefined): ImageVersion {
  const image = images.find(arn);
  // The same text for an image that never existed and for one without an active version.
  const none = microvmErrors.notFound("No active version found", arn, "microvm-image");
  if (image === undefined || image.state === "CREATING" || image.state === "CREATE_FAILED") throw none;
  // The guide: an image must be CREATED or UPDATED to be run. Nobody saw the answer; a conflict is the likeliest.
  if (image.state !== "CREATED" && image.state !== "UPDATED") {
    throw microvmErrors.conflict(`MicroVM image ${image.name} is in state ${image.state}`, arn, "microvm-image");
  }
  const version =
    wanted === undefined
      ? latestActiveVersion(image)
      : image.versions.find((candidate) => candidate.version === wanted && candidate.state === "SUCCESSFUL");
  if (version === undefined || version.status !== "ACTIVE") throw none;
  return version;
}

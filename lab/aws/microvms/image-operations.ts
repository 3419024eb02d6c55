import type { Account } from "../account.ts";
import type { LabClock } from "../clock.ts";
import type { CallContext } from "../gateway/service.ts";
import { managedConnector } from "./connectors.ts";
import { checkEnum, requireString, SHAPES } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";
import { buildView, imageView, versionView } from "./image.ts";
import type { Images } from "./images.ts";
import { paginate } from "./paginate.ts";
import type { Route } from "./routes.ts";
import { authorizeImage } from "./run-microvm.ts";
import { requireImageArn } from "./run-request.ts";

type Body = Record<string, unknown>;

/** The operations on images, by name. */
export function imageOperations(options: { account: Account; clock: LabClock; images: Images }) {
  const { account, images } = options;

  async function passConnectors(context: CallContext, body: Body): Promise<void> {
    const given = Array.isArray(body.egressNetworkConnectors) ? body.egressNetworkConnectors : [];
    const connectors = given.length > 0 ? given : [managedConnector(account, "INTERNET_EGRESS")];
    for (const connector of connectors) {
      await context.authorize({ action: "lambda:PassNetworkConnector", resource: String(connector) });
    }
  }

  const latest = (arn: string) => {
    const image = images.get(arn);
    const version = image.versions.at(-1);
    return { ...imageView(image), ...(version === undefined ? {} : versionView(image, version)), state: image.state };
  };

  return {
    CreateMicrovmImage: async (context: CallContext, _route: Route, body: Body) => {
      await context.authorize({ action: "lambda:CreateMicrovmImage", resource: "*" });
      await passConnectors(context, body);
      const { image } = await images.create(body, context.caller);
      return latest(image.arn);
    },
    UpdateMicrovmImage: async (context: CallContext, route: Route, body: Body) => {
      const arn = await named(context, route);
      await passConnectors(context, body);
      await images.update(arn, body, context.caller);
      return latest(arn);
    },
    GetMicrovmImage: async (context: CallContext, route: Route) => imageView(images.get(await named(context, route))),
    DeleteMicrovmImage: async (context: CallContext, route: Route) => {
      const arn = await named(context, route);
      images.delete(arn);
      return { imageIdentifier: arn, state: "DELETING" };
    },
    ListMicrovmImages: async (context: CallContext, route: Route) => {
      await context.authorize({ action: "lambda:ListMicrovmImages", resource: "*" });
      // The page is cut before the filter, so that pages can be empty (microvm-platform 1.3).
      const page = paginate(images.all(), route.query);
      const filter = route.query.get("nameFilter") ?? "";
      const items = page.items.filter((image) => image.name.includes(filter)).map((image) => imageView(image));
      return { ...page, items };
    },
    ListMicrovmImageVersions: async (context: CallContext, route: Route) => {
      const image = images.get(await named(context, route));
      const page = paginate(image.versions, route.query);
      return { ...page, items: page.items.map((version) => versionView(image, version)) };
    },
    GetMicrovmImageVersion: async (context: CallContext, route: Route) => {
      const arn = await named(context, route);
      return versionView(images.get(arn), versionOf(images, arn, route));
    },
    UpdateMicrovmImageVersion: async (context: CallContext, route: Route, body: Body) => {
      const arn = await named(context, route);
      const version = images.setVersionStatus(arn, route.parameters.imageVersion ?? "", body.status);
      return versionView(images.get(arn), version);
    },
    DeleteMicrovmImageVersion: async (context: CallContext, route: Route) => {
      const arn = await named(context, route);
      const imageVersion = route.parameters.imageVersion ?? "";
      images.deleteVersion(arn, imageVersion);
      return { imageIdentifier: arn, imageVersion, state: "DELETING" };
    },
    ...buildOperations(images),
    ...managedImageOperations(account),
  };
}

const versionOf = (images: Images, arn: string, route: Route) =>
  images.version(arn, route.parameters.imageVersion ?? "");

async function named(context: CallContext, route: Route): Promise<string> {
  const arn = requireString("imageIdentifier", route.parameters.imageIdentifier, SHAPES.imageIdentifier);
  requireImageArn(arn);
  await authorizeImage(context, context.operation, arn);
  return arn;
}

function buildOperations(images: Images) {
  return {
    ListMicrovmImageBuilds: async (context: CallContext, route: Route) => {
      const arn = await named(context, route);
      checkEnum("architecture", route.query.get("architecture") ?? undefined, ["ARM_64"]);
      const generation = route.query.get("chipsetGeneration");
      const version = versionOf(images, arn, route);
      const builds = version.builds.filter((build) => generation === null || build.chipsetGeneration === generation);
      const page = paginate(builds, route.query);
      return { ...page, items: page.items.map((build) => buildView(images.get(arn), version, build)) };
    },
    GetMicrovmImageBuild: async (context: CallContext, route: Route) => {
      const arn = await named(context, route);
      const version = versionOf(images, arn, route);
      const buildId = route.parameters.buildId ?? "";
      const build = version.builds.find((candidate) => candidate.buildId === buildId);
      if (build === undefined)
        throw microvmErrors.notFound(`Build ${buildId} not found`, buildId, "microvm-image-build");
      return buildView(images.get(arn), version, build);
    },
  };
}

function managedImageOperations(account: Account) {
  return {
    ListManagedMicrovmImages: async (context: CallContext, route: Route) => {
      await context.authorize({ action: "lambda:ListManagedMicrovmImages", resource: "*" });
      return paginate([{ imageArn: managedImage(account), createdAt: MANAGED_VERSIONS[1].createdAt }], route.query);
    },
    ListManagedMicrovmImageVersions: async (context: CallContext, route: Route) => {
      const arn = await named(context, route);
      return paginate(
        arn === managedImage(account) ? MANAGED_VERSIONS.map((version) => ({ imageArn: arn, ...version })) : [],
        route.query,
      );
    },
  };
}

const managedImage = (account: Account) =>
  `arn:${account.partition}:lambda:${account.region}:aws:microvm-image:al2023-1`;

/** Newest first (microvm-platform 1.5). */
const MANAGED_VERSIONS = [
  { imageVersion: "1", status: "AVAILABLE", createdAt: Date.UTC(2026, 6, 21) / 1_000 },
  { imageVersion: "0", status: "AVAILABLE", createdAt: Date.UTC(2026, 5, 17) / 1_000 },
] as const;

import type { ValidationCase } from "./validation-case.ts";

const DIGEST = `sha256:${"0f".repeat(32)}`;
const images = (...each: string[]) => each.map((image) => ({ docker_images: [image] }));
const mirrors = (...each: string[]) => each.map((mirror) => ({ docker_registry_mirrors: [mirror] }));
const named = (count: number) => Array.from({ length: count }, (_, index) => `app-${index}`);

/** Rules of the inputs that bring container images near the runner. */
export const DOCKER_CASES: ValidationCase[] = [
  {
    what: "an image that is none, or one of no certain version",
    message: "docker_images must hold at most 20 images",
    bad: [
      ...images("postgres", "localhost:5000/app", "Postgres:17", "--all-tags:17", "postgres:17 redis:8", "a,b:1", ""),
      ...images(`postgres@${DIGEST.slice(0, -1)}`, `${"a".repeat(190)}:${"1".repeat(20)}`),
      { docker_images: ["postgres:17", "postgres:17"] },
      { docker_images: named(21).map((name) => `${name}:1`) },
    ],
    good: [
      ...images("postgres:17", "ghcr.io/acme/build_tools:v1.2-rc_3", `localhost:5000/app@${DIGEST}`),
      ...images(`public.ecr.aws/docker/library/redis:8@${DIGEST}`),
      { docker_images: named(20).map((name) => `${name}:1`) },
    ],
  },
  {
    what: "images for MicroVMs without Docker",
    message: "docker_images needs Docker in the image",
    pair: true,
    bad: [{ docker_images: ["postgres:17"], additional_os_capabilities: [] }],
    good: [{ docker_images: [], additional_os_capabilities: [] }],
  },
  {
    what: "a mirror that dockerd would not take",
    message: "docker_registry_mirrors must hold at most 5 addresses",
    bad: [
      ...mirrors("mirror.gcr.io", "http://mirror.gcr.io", "https://mirror.gcr.io/", "https://u:p@mirror.gcr.io"),
      ...mirrors("https://mirror.gcr.io/v2", "https://mirror.gcr.io?x", "https://", "https://a,https://b"),
      { docker_registry_mirrors: named(6).map((name) => `https://${name}`) },
      { docker_registry_mirrors: ["https://a", "https://a"] },
    ],
    good: [
      ...mirrors("https://mirror.gcr.io", "https://mirror.internal:5000"),
      { docker_registry_mirrors: named(5).map((name) => `https://${name}`) },
    ],
  },
];

import { and, atMost, call, equal, or, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import type { Input } from "./input.ts";
import { every, matches, rule } from "./rules.ts";

const MAX_IMAGES = 20;
/** All of them stand in one environment variable of the image, which takes 4,096 characters. */
const MAX_IMAGE_CHARACTERS = 200;
const MAX_MIRRORS = 5;
const HOST = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?";
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const DIGEST = "@sha256:[0-9a-f]{64}";
const IMAGES = ref("var.docker_images");
const MIRRORS = ref("var.docker_registry_mirrors");

function areDistinct(list: Expression): Expression {
  return equal(call("length", call("distinct", list)), call("length", list));
}

/** What dockerd and buildkit find near the runner. */
export const dockerInputs: readonly Input[] = [
  {
    name: "docker_images",
    type: call("list", ref("string")),
    description:
      'Container images that are pulled while the image is built, so that every MicroVM has them from its start, such as ["postgres:17"]: public ones, for linux/arm64. A build whose pull fails leaves the version before in use. Needs additional_os_capabilities = ["ALL"].',
    default: [],
    validations: [
      rule(
        and(
          atMost(call("length", IMAGES), MAX_IMAGES),
          areDistinct(IMAGES),
          every(IMAGES, "image", (image) =>
            and(
              atMost(call("length", image), MAX_IMAGE_CHARACTERS),
              matches(image, `^(${HOST}/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:${TAG})?(${DIGEST})?$`),
              matches(image, `(:${TAG}|${DIGEST})$`),
            ),
          ),
        ),
        `docker_images must hold at most ${MAX_IMAGES} images, each of them once and with a tag or digest, such as postgres:17 or ghcr.io/acme/tools@sha256:...: without one, what is pulled depends on the day.`,
      ),
      rule(
        or(equal(call("length", IMAGES), 0), call("contains", ref("var.additional_os_capabilities"), "ALL")),
        'docker_images needs Docker in the image: set additional_os_capabilities = ["ALL"], or leave docker_images empty.',
      ),
    ],
  },
  {
    name: "docker_registry_mirrors",
    type: call("list", ref("string")),
    description:
      "Mirrors of Docker Hub that dockerd and buildx ask first, each as https address, such as that of mirror.gcr.io, which asks for no login: Docker Hub limits pulls by address, and jobs share theirs. Empty => Docker Hub.",
    default: [],
    validations: [
      rule(
        and(
          atMost(call("length", MIRRORS), MAX_MIRRORS),
          areDistinct(MIRRORS),
          every(MIRRORS, "mirror", (mirror) => matches(mirror, `^https://${HOST}$`)),
        ),
        `docker_registry_mirrors must hold at most ${MAX_MIRRORS} addresses, each of them once, of the form https://host or https://host:port: without user, path, query or a slash at the end.`,
      ),
    ],
  },
];

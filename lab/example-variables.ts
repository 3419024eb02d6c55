import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The examples of the module's use. */
export const EXAMPLES_DIR = fileURLToPath(new URL("../examples", import.meta.url));

/** Every folder of `examples/` that is a root module. */
export const EXAMPLES: readonly string[] = readdirSync(EXAMPLES_DIR).filter((name) =>
  existsSync(`${EXAMPLES_DIR}/${name}/main.tf`),
);

const NETWORK = {
  vpc_id: "vpc-0123456789abcdef0",
  subnet_ids: ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"],
};

/** Values of the variables for which an example has no default, by the example's folder. */
export const EXAMPLE_VARIABLES: Readonly<Record<string, Record<string, unknown>>> = {
  "private-network": NETWORK,
  classes: { ...NETWORK, private_repositories: ["my-org/shop"] },
};

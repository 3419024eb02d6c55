import { expect, it, onTestFinished } from "vitest";
import { serveProviders } from "../../lab/terraform/serve-providers.ts";
import { GOOD_CALL, openModule, rootModule } from "./open-module.ts";

it("refuses providers of different Regions when it is planned", async () => {
  const providers = await serveProviders();
  const workspace = await openModule({ gha_runner: GOOD_CALL }, providers);
  onTestFinished(async () => {
    await workspace.close();
    await providers.close();
  });
  const root = JSON.parse(rootModule({ gha_runner: GOOD_CALL }));
  root.provider.awscc.region = "us-east-1";
  await workspace.write({ "main.tf.json": JSON.stringify(root) });

  const errors = (await workspace.diagnose()).filter(({ severity }) => severity === "error");

  expect(errors.map(({ detail }) => detail)).toEqual([
    expect.stringContaining(
      "The awscc provider's Region is not the aws provider's, eu-west-1: set the same region in both",
    ),
  ]);
});

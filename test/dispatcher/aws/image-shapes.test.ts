import type { GetMicrovmImageVersionOutput, UpdateMicrovmImageRequest } from "@aws-sdk/client-lambda-microvms";
import { expect, it } from "vitest";
import { updateOf } from "../../../dispatcher/core/image-configuration.ts";

/** What an update takes beside the image's name and its token. */
type Configuration = Exclude<keyof UpdateMicrovmImageRequest, "imageIdentifier" | "clientToken">;

/** Each by the member of GetMicrovmImageVersion that shows it: one that cannot be read back does not compile. */
const MEMBERS: { readonly [Name in Configuration]-?: Name & keyof GetMicrovmImageVersionOutput } = {
  additionalOsCapabilities: "additionalOsCapabilities",
  baseImageArn: "baseImageArn",
  baseImageVersion: "baseImageVersion",
  buildRoleArn: "buildRoleArn",
  codeArtifact: "codeArtifact",
  cpuConfigurations: "cpuConfigurations",
  description: "description",
  egressNetworkConnectors: "egressNetworkConnectors",
  environmentVariables: "environmentVariables",
  hooks: "hooks",
  logging: "logging",
  resources: "resources",
};

/** What a version shows beside its configuration: none of it may be sent back. */
const OUTPUTS: { readonly [Name in Exclude<keyof GetMicrovmImageVersionOutput, Configuration>]-?: true } = {
  createdAt: true,
  imageArn: true,
  imageVersion: true,
  state: true,
  stateReason: true,
  status: true,
  tags: true,
  updatedAt: true,
};

it("sends back each member that the SDK's update takes, and no output of a version", () => {
  const names = [...Object.values(MEMBERS), ...Object.keys(OUTPUTS)];
  const shown = Object.fromEntries(names.map((name) => [name, { of: name }]));
  expect(Object.keys(updateOf(shown, { uri: "s3://b/k", baseMajor: "1" })).sort()).toEqual(Object.keys(MEMBERS).sort());
});

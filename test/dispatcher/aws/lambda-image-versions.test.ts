import { expect, it } from "vitest";
import { createLambdaImageVersions } from "../../../dispatcher/aws/lambda-image-versions.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

const IMAGE = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner";
const BUSY = "Cannot update MicroVM Image in its current state";

const answering = (status: number, name: string, message: string) =>
  createLambdaImageVersions(
    signedFetchFor("lambda", "http://lambda.example", {
      fetch: async () => Response.json({ message }, { status, headers: { "x-amzn-errortype": name } }),
    }),
  );

it.each([
  [400, "ValidationException"],
  [409, "ConflictException"],
])("waits for an image that is busy, told by %i %s", async (status, name) => {
  await expect(answering(status, name, BUSY).delete(IMAGE, "3.0")).rejects.toMatchObject({
    name: "ThrottledError",
    reason: "image",
  });
});

it("refuses what waiting does not heal", async () => {
  const last = answering(400, "ValidationException", "This is the last version. Please delete the entire image");

  await expect(last.delete(IMAGE, "3.0")).rejects.toMatchObject({ name: "RefusedError" });
});

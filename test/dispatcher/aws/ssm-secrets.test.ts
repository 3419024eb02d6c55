import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSsmSecrets } from "../../../dispatcher/aws/ssm-secrets.ts";
import { createMemorySecrets } from "../../../lab/world/services/memory-secrets.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../support/local-server.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

let server: LocalServer;
let special: Reply | undefined;
beforeAll(async () => {
  server = await startLocalServer((request): Reply => {
    const { Name } = JSON.parse(request.body) as { Name: string };
    if (special) return special;
    if (Name === "/gha/secret") return { status: 200, body: JSON.stringify({ Parameter: { Name, Value: "hidden" } }) };
    return { status: 400, body: JSON.stringify({ __type: "ParameterNotFound" }) };
  });
});
afterAll(() => server.close());

const overSsm = () => createSsmSecrets(signedFetchFor("ssm", server.url));

describe.each([
  ["in memory", () => createMemorySecrets({ "/gha/secret": "hidden" })],
  ["SSM", overSsm],
])("secrets, %s", (_, create) => {
  it("are read by their name", async () => {
    expect(await create().get("/gha/secret")).toBe("hidden");
  });

  it("are missed by their name", async () => {
    await expect(create().get("/gha/none")).rejects.toMatchObject({
      name: "NotFoundError",
      message: "SSM parameter /gha/none does not exist; apply the module again",
    });
  });
});

describe("secrets in SSM", () => {
  it("are read anew at each call", async () => {
    const secrets = overSsm();
    server.requests.length = 0;

    await secrets.get("/gha/secret");
    await secrets.get("/gha/secret");

    expect(server.requests).toHaveLength(2);
  });

  it("are not shown by the error about an answer that cannot be read", async () => {
    special = { status: 200, body: JSON.stringify({ Parameter: { Value: ["hidden"] } }) };
    const error = await overSsm()
      .get("/gha/secret")
      .catch((reason: unknown) => reason);
    special = undefined;

    expect(error).toMatchObject({ name: "TransientError", message: expect.not.stringContaining("hidden") });
  });
});

import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dispatcherEnvironment, webhookEnvironment } from "../../contract/environment.ts";
import { dispatcherSecret, webhookSecret } from "../../contract/secrets.ts";
import { parseEnvironment } from "../../dispatcher/config.ts";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import type { StateResource } from "../../lab/terraform/terraform.ts";
import documented from "./interface.json" with { type: "json" };
import { GOOD_CALL, openModule } from "./open-module.ts";

/** A call of the module, and what is special about what it makes. */
export interface Variant {
  what: string;
  inputs: Record<string, unknown>;
  /** Webhooks by address within the module. */
  webhooks: string[];
  dispatcher?: Record<string, unknown>;
  repositories?: string[];
}

export const ORGANIZATION_WEBHOOK = ["github_organization_webhook.runner[0]"];

/** Each variant is applied, planned again, and destroyed. */
export function lifecycleOf(variants: readonly Variant[]): void {
  let providers: ServedProviders;
  beforeAll(async () => {
    providers = await serveProviders();
  });
  afterAll(() => providers.close());

  describe.each(variants)("the module with $what", ({ inputs, webhooks, dispatcher = {}, repositories = [] }) => {
    let created: StateResource[];
    let secondPlanChanges: boolean;
    let left: StateResource[];
    let outputs: Record<string, unknown>;

    beforeAll(async () => {
      const workspace = await openModule({ gha_runner: { ...GOOD_CALL, ...inputs } }, providers);
      await workspace.apply();
      created = (await workspace.resources()).filter(({ mode }) => mode === "managed");
      outputs = Object((await workspace.outputs()).gha_runner?.value);
      secondPlanChanges = await workspace.hasChanges();
      await workspace.destroy();
      left = await workspace.resources();
      await workspace.close();
    });

    const one = (address: string): Record<string, unknown> => {
      const found = created.find((resource) => resource.address === `module.gha_runner.${address}`);
      return found?.values ?? {};
    };
    const environmentOf = (name: string): Record<string, string> => {
      const { environment } = one(`aws_lambda_function.${name}`);
      return Array.isArray(environment) ? environment[0].variables : {};
    };
    const hooks = () => created.filter(({ type }) => type.endsWith("_webhook"));

    it("creates every documented resource", () => {
      const addresses = created.map(({ address }) => address.replace("module.gha_runner.", "").replace(/\[.*\]$/, ""));
      const expected = documented.resources.filter((address) => !address.startsWith("github_"));

      expect(addresses).toEqual(expect.arrayContaining(expected));
    });

    it("shows no changes when it is planned again", () => {
      expect(secondPlanChanges).toBe(false);
    });

    it("leaves nothing behind when it is destroyed", () => {
      expect(left).toEqual([]);
    });

    it("creates the webhooks asked for, for workflow_job alone and with its own URL and secret", () => {
      expect(
        hooks().map(({ address }) => address.replace("module.gha_runner.", "").replace(/\["my-org.*\]$/, "")),
      ).toEqual(webhooks);
      for (const { values } of hooks()) {
        expect(values).toMatchObject({
          events: ["workflow_job"],
          configuration: [
            {
              content_type: "json",
              insecure_ssl: false,
              url: outputs.webhook_payload_url,
              secret: outputs.webhook_secret,
            },
          ],
        });
      }
      const names = hooks().flatMap(({ values }) => (values.repository === undefined ? [] : [values.repository]));
      expect(names).toEqual(repositories);
    });

    it("gives the webhook function an environment that fits the contract", () => {
      const environment = parseEnvironment(v.strictObject(webhookEnvironment.entries), environmentOf("webhook"));

      expect(environment).toMatchObject({
        QUEUE_URL: one("aws_sqs_queue.jobs").url,
        GH_OWNER: "my-org",
        GH_REPOSITORIES: repositories,
        WEBHOOK_SECRET_PARAM: one("aws_ssm_parameter.webhook").name,
      });
    });

    it("gives the dispatcher an environment that fits the contract", () => {
      const environment = parseEnvironment(v.strictObject(dispatcherEnvironment.entries), environmentOf("dispatcher"));

      expect(environment).toMatchObject({
        QUEUE_URL: one("aws_sqs_queue.jobs").url,
        TABLE_NAME: one("aws_dynamodb_table.jobs").name,
        SECRET_PARAM: outputs.secret_param_name,
        IMAGE_ARN: outputs.image_arn,
        EXEC_ROLE_ARN: outputs.exec_role_arn,
        LOG_GROUP: one("aws_cloudwatch_log_group.runner").name,
        GH_OWNER: "my-org",
        GH_REPOSITORIES: repositories,
        ...dispatcher,
      });
      expect(`${environment.FINISH_BASE_URL}/`).toBe(outputs.webhook_payload_url);
      expect(environment.INGRESS_CONNECTOR_ARN).toMatch(/:NO_INGRESS$/);
    });

    it("stores secrets that fit the contract, and the App's key where the dispatcher alone reads", () => {
      const full = v.parse(dispatcherSecret, JSON.parse(String(one("aws_ssm_parameter.dispatcher").value)));
      const narrow = v.parse(
        v.strictObject(webhookSecret.entries),
        JSON.parse(String(one("aws_ssm_parameter.webhook").value)),
      );

      expect(full.github_app).toMatchObject({
        app_id: "123456",
        private_key: Object(GOOD_CALL.github_app).private_key,
      });
      expect(full.webhook_secrets).toEqual([outputs.webhook_secret]);
      expect(narrow.webhook_secrets).toEqual([outputs.webhook_secret]);
      for (const name of ["dispatcher", "webhook"]) expect(one(`aws_ssm_parameter.${name}`).type).toBe("SecureString");
    });
  });
}

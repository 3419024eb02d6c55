/** What the SSM parameters of a deployment hold, as JSON. */
import * as v from "valibot";
import { id, nonEmpty } from "./values.ts";

/** What the webhook function's SSM parameter holds, as JSON. Several secrets are valid at once while one is rotated. */
export const webhookSecret = v.object({
  webhook_secrets: v.pipe(v.array(nonEmpty), v.minLength(1)),
});

/**
 * What the dispatcher's SSM parameter holds, as JSON. The App's private key is in exactly one of four places; PEM is
 * PKCS#1, as GitHub hands it out, or PKCS#8.
 */
export const dispatcherSecret = v.object({
  webhook_secrets: v.pipe(v.array(nonEmpty), v.minLength(1)),
  github_app: v.pipe(
    v.object({
      app_id: nonEmpty,
      installation_id: v.nullish(nonEmpty),
      /** The PEM itself. */
      private_key: v.nullish(nonEmpty),
      /** An SSM parameter that holds the PEM. */
      ssm_parameter_arn: v.nullish(nonEmpty),
      /** A Secrets Manager secret that holds the PEM. */
      secretsmanager_secret_arn: v.nullish(nonEmpty),
      /** A KMS key that signs in the key's place: the key itself never leaves KMS. */
      kms_signing_key_arn: v.nullish(nonEmpty),
    }),
    v.check(
      (app) =>
        [app.private_key, app.ssm_parameter_arn, app.secretsmanager_secret_arn, app.kms_signing_key_arn].filter(
          (place) => place != null,
        ).length === 1,
      "must name exactly one place of the private key",
    ),
  ),
});

export type WebhookSecret = v.InferOutput<typeof webhookSecret>;

export type DispatcherSecret = v.InferOutput<typeof dispatcherSecret>;

/**
 * Ids of the webhooks that Terraform manages, as JSON in an SSM parameter; there being none, the App's own is meant.
 */
export const managedHooks = v.object({
  organization: v.nullish(id),
  /** By the repository's name without its owner. */
  repositories: v.record(v.string(), id),
});

export type ManagedHooks = v.InferOutput<typeof managedHooks>;

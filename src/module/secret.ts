import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { Password } from "@cdktf/provider-random/lib/password/index.js";
import { Construct } from "constructs";
import type { DispatcherSecret, WebhookSecret } from "../../contract/secrets.ts";
import { above, below, call, conditional, operation, plus, ref, times } from "../hcl/build.ts";
import type { Expression, Literal } from "../hcl/model.ts";
import { explain } from "../synth/explain.ts";
import { asNumber, asString, asStringMap } from "../synth/hcl-token.ts";
import { PLACE_PRECONDITIONS } from "./preconditions.ts";
import { input, local } from "./reference.ts";

/** The document of type T with an HCL expression in place of each text. */
type Written<T> = T extends readonly unknown[]
  ? Expression
  : T extends object
    ? { [Name in keyof T]-?: Written<NonNullable<T[Name]>> }
    : Expression;

/** Named in either case: the provider would keep a key that is named no more. */
const KEY = asString(call("coalesce", input("kms_key_arn"), "alias/aws/ssm"));

const GENERATION = input("webhook_secret_generation");
/** The even number of which the generation makes a pair with the next. */
const pairOf = (generation: Literal) => times(2, call("floor", operation("/", generation, 2)));

/** What the functions must know and nobody else: the webhook's secret and the App's key. */
export class Secret extends Construct {
  readonly dispatcher: SsmParameter;
  readonly webhook: SsmParameter;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const form = { length: 64, special: false };
    explain(
      new Password(this, "password.webhook", {
        ...form,
        keepers: asStringMap(
          conditional(below(GENERATION, 3), null, { generation: plus(pairOf(operation("-", GENERATION, 1)), 1) }),
        ),
      }),
      "Of the odd generations: raising to an even one leaves it as it is, so that it stays valid until the raise after that.",
    );
    explain(
      new Password(this, "password.webhook_even", {
        ...form,
        count: asNumber(conditional(above(GENERATION, 1), 1, 0)),
        keepers: asStringMap({ generation: pairOf(GENERATION) }),
      }),
      "Of the even generations.",
    );
    const webhookSecrets = ref("local.webhook_secrets");
    const source = (name: string) => call("try", ref(`var.github_app_key_source.${name}`), null);
    const dispatcherSecret: Written<DispatcherSecret> = {
      webhook_secrets: webhookSecrets,
      github_app: {
        app_id: ref("var.github_app.app_id"),
        installation_id: ref("var.github_app.installation_id"),
        private_key: ref("var.github_app.private_key"),
        ssm_parameter_arn: source("ssm_parameter_arn"),
        secretsmanager_secret_arn: source("secretsmanager_secret_arn"),
        kms_signing_key_arn: source("kms_signing_key_arn"),
      },
    };
    const webhookSecret: Written<WebhookSecret> = { webhook_secrets: webhookSecrets };

    this.dispatcher = new SsmParameter(this, "parameter.dispatcher", {
      name: `/${input("name_prefix")}/dispatcher`,
      description: "Webhook secret and GitHub App of the runner dispatcher",
      type: "SecureString",
      keyId: KEY,
      value: asString(call("jsonencode", dispatcherSecret)),
      tags: asStringMap(local("tags")),
      lifecycle: { precondition: PLACE_PRECONDITIONS },
    });
    this.webhook = explain(
      new SsmParameter(this, "parameter.webhook", {
        name: `/${input("name_prefix")}/webhook`,
        description: "Webhook secret of the runner dispatcher",
        type: "SecureString",
        keyId: KEY,
        value: asString(call("jsonencode", webhookSecret)),
        tags: asStringMap(local("tags")),
      }),
      "A parameter of its own, so that the function that faces the internet cannot read the App's private key.",
    );
  }
}

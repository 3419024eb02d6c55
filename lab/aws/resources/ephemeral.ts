import { type DataSourceBehaviour, ProviderError } from "../../terraform/behaviour.ts";
import type { SecretsManager } from "../secrets-manager.ts";
import type { SsmParameters } from "../ssm.ts";

export interface EphemeralDeps {
  parameters: SsmParameters;
  secrets: SecretsManager;
}

/**
 * Ephemeral resources of the aws provider (its documentation, aws_ssm_parameter, aws_secretsmanager_secret_version).
 */
export function ephemeralResources({ parameters, secrets }: EphemeralDeps): Record<string, DataSourceBehaviour> {
  return {
    aws_ssm_parameter: {
      read({ arn }) {
        const name = parameters.names().find((each) => parameters.arn(each) === arn);
        const found = name === undefined ? undefined : parameters.get(name);
        if (found === undefined)
          throw new ProviderError(`reading SSM Parameter (${String(arn)}): couldn't find resource`);
        return { name: found.name, type: found.type, value: found.value, version: found.version };
      },
    },
    aws_secretsmanager_secret_version: {
      read({ secret_id: id }) {
        const found = secrets.find(String(id));
        if (found === undefined) {
          throw new ProviderError(`reading Secrets Manager Secret Version (${String(id)}): couldn't find resource`);
        }
        return { arn: found.arn, secret_string: found.value, version_id: found.versionId };
      },
    },
  };
}

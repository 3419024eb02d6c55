import {
  type ProviderBehaviour,
  ProviderError,
  type ResourceBehaviour,
  type Values,
} from "../../terraform/behaviour.ts";
import type { Account } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import type { Iam } from "../iam/iam.ts";
import type { PolicyDocument } from "../iam/policy-document.ts";
import { type Access, on, type TypeAccess } from "./access.ts";
import { identityAccess } from "./identity-access.ts";
import { cloudControlAccess, lambdaAccess } from "./lambda-access.ts";
import { messagingAccess } from "./messaging-access.ts";
import { storageAccess } from "./storage-access.ts";

/** Something that whoever applied had to be allowed, and for what. */
export interface RecordedAccess extends Access {
  /** Such as `create aws_sqs_queue`. */
  step: string;
}

/** Terraform's aws and awscc providers with the credentials of a principal that has one policy. */
export interface Applying {
  aws: ProviderBehaviour;
  awscc: ProviderBehaviour;
  /** Everything that was asked for, allowed or not, oldest first. */
  recorded(): readonly RecordedAccess[];
  /**
   * The credentials expire with the first access that is like this, and are good for nothing until they are renewed.
   */
  expireWith(isLast: (access: RecordedAccess) => boolean): void;
  renew(): void;
}

const ROLE = "person-applying";

export interface AppliedAccount {
  account: Account;
  iam: Iam;
  providers: Record<"aws" | "awscc", ProviderBehaviour>;
}

/** Lets the providers do what the policy allows; anything else is the error that AWS answers with. */
export function applyingAs(aws: AppliedAccount, policy: PolicyDocument): Applying {
  const role = aws.iam.roles.create({ name: ROLE, path: "/", trust: { Version: "2012-10-17", Statement: [] } });
  role.policies.set("applying", policy);
  return applyingWith(aws, () => ROLE);
}

/** The same, with the policies of a role that is there: of the one whose name is told at each step. */
export function applyingWith({ account, iam, providers }: AppliedAccount, roleOf: () => string): Applying {
  const types: Record<string, TypeAccess> = {
    ...identityAccess(account, (name) => iam.roles.get(name)?.arn),
    ...messagingAccess(account),
    ...storageAccess(account),
    ...lambdaAccess(account),
    ...cloudControlAccess(account),
  };

  const { require, ...credentials } = credentialsOf(iam, roleOf);

  function held(type: string, behaviour: ResourceBehaviour): ResourceBehaviour {
    const access = types[type] ?? unsaid(type);
    const { read, update, delete: remove } = behaviour;
    return {
      ...behaviour,
      async create(planned) {
        const accesses = access.create(planned);
        const making = accesses.filter((_, index) => !accesses.slice(0, index + 1).some(isRead));
        await require(`create ${type}`, making);
        const made = await behaviour.create(planned);
        try {
          await require(`create ${type}`, accesses.slice(making.length));
        } catch (error: unknown) {
          // It is there already, and in the state: aws sets the id before it reads what it made (internal/service/*,
          // Create), awscc keeps the id alone (terraform-provider-awscc, internal/generic/resource.go, Create).
          const left = type.startsWith("awscc_") ? { id: made.id ?? null } : { ...planned, ...made };
          throw error instanceof ProviderError ? new ProviderError(error.message, left) : error;
        }
        return made;
      },
      async read(state) {
        await require(`read ${type}`, access.read(state));
        return read === undefined ? {} : read(state);
      },
      async update(planned, prior) {
        await require(`update ${type}`, access.update?.(planned, prior) ?? []);
        return (await update?.(planned, prior)) ?? {};
      },
      async delete(state) {
        await require(`delete ${type}`, access.delete?.(state) ?? []);
        await remove?.(state);
      },
    };
  }

  const hold = (provider: ProviderBehaviour): ProviderBehaviour => ({
    ...provider,
    resources: Object.fromEntries(
      Object.entries(provider.resources).map(([type, behaviour]) => [type, held(type, behaviour)]),
    ),
    ...(provider.dataSources === undefined ? {} : { dataSources: heldSources(provider.dataSources) }),
  });

  function heldSources(sources: NonNullable<ProviderBehaviour["dataSources"]>) {
    return Object.fromEntries(
      Object.entries(sources).map(([type, source]) => [
        type,
        {
          ...source,
          async read(config: Values) {
            await require(`look up ${type}`, lookUp(type, config));
            return source.read(config);
          },
        },
      ]),
    );
  }

  return { aws: hold(providers.aws), awscc: hold(providers.awscc), ...credentials };
}

/** Credentials of a principal, for as long as they are good. */
function credentialsOf(iam: Iam, roleOf: () => string) {
  const recorded: RecordedAccess[] = [];
  let expires: ((access: RecordedAccess) => boolean) | undefined;
  let expired = false;
  return {
    async require(step: string, accesses: readonly Access[]): Promise<void> {
      for (const access of accesses) {
        const record = { ...access, step };
        recorded.push(record);
        expired ||= expires?.(record) ?? false;
        // STS API reference, common errors.
        if (expired)
          throw new ProviderError(`${step}: ExpiredToken: The security token included in the request is expired`);
        try {
          await iam.authorize({ roleName: roleOf(), sessionName: "terraform" }, access);
        } catch (error: unknown) {
          if (!(error instanceof AwsError)) throw error;
          throw new ProviderError(`${step}: ${error.code}: ${error.message}`);
        }
      }
    },
    recorded: (): readonly RecordedAccess[] => recorded,
    expireWith(isLast: (access: RecordedAccess) => boolean): void {
      expires = isLast;
    },
    renew(): void {
      expires = undefined;
      expired = false;
    },
  };
}

/** Whether it looks at something; every creation ends with such accesses. */
export const isRead = ({ action }: Access): boolean => /:(Describe|Get|List)/.test(action);

/** A type of which nobody has said yet what it asks for. */
function unsaid(type: string): TypeAccess {
  const say = (): never => {
    throw new Error(`say in lab/aws/applying what ${type} asks of AWS`);
  };
  return { create: say, read: say };
}

/** Data sources of awscc go through Cloud Control, as resources do. */
function lookUp(type: string, config: Values): Access[] {
  if (type === "awscc_lambda_microvm_images") {
    return [...on("cloudformation", "*", "ListResources"), ...on("lambda", "*", "ListMicrovmImages")];
  }
  return [
    ...on("cloudformation", "*", "GetResource"),
    ...on("lambda", String(config.id), "GetMicrovmImage", "ListTags"),
  ];
}

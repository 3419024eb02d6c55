import * as v from "valibot";
import { createAccountReader } from "../../cli/aws/account-reader.ts";
import { functionName } from "../../contract/names.ts";
import { createLambdaMicrovms, MICROVMS } from "../../dispatcher/aws/lambda-microvms.ts";
import { signingName } from "../../dispatcher/aws/transport/aws-endpoint.ts";
import { createJsonRpc, createRestRpc } from "../../dispatcher/aws/transport/rpc.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint } from "../../dispatcher/config.ts";
import { DispatcherError, NotFoundError } from "../../dispatcher/errors.ts";
import type { Run } from "../run.ts";

/** What a deployment's name says is there. Each call throws a DispatcherError. */
export interface AccountContents {
  /** Ids of the MicroVMs of its images that have not ended. */
  microvms(): Promise<string[]>;
  terminate(microvmId: string): Promise<void>;
  /** What is there of its MicroVMs, functions, roles, images and log groups, each named, and what could not be asked for. */
  all(): Promise<{ left: string[]; unread: string[] }>;
}

const FUNCTIONS = ["webhook", "dispatcher", "redeliver", "refresh", "prune"];
const ROLES = [...FUNCTIONS, "build", "exec"];

const microvms = v.object({
  items: v.array(v.object({ microvmId: v.string(), state: v.string(), imageArn: v.string() })),
  nextToken: v.nullish(v.string()),
});
const images = v.object({ items: v.array(v.object({ name: v.string() })), nextToken: v.nullish(v.string()) });
const groups = v.object({ logGroups: v.array(v.object({ logGroupName: v.string() })) });

/** The items of all pages; `read` is given what names the next page. */
async function pages<Item>(
  read: (token: Readonly<Record<string, string>>) => Promise<{ items: Item[]; nextToken?: string | null | undefined }>,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | null | undefined;
  do {
    const page = await read(token ? { nextToken: token } : {});
    all.push(...page.items);
    token = page.nextToken;
  } while (token);
  return all;
}

export function createAccountContents({
  world,
  journal,
  aws,
}: Pick<Run, "world" | "journal" | "aws">): AccountContents {
  const { access, environment } = world;
  const { prefix } = journal;
  const { region, credentials } = access;
  const fetchOf = (service: string) =>
    createSignedFetch({
      ...{ service: signingName(service), region, credentials: () => credentials },
      endpoint: awsEndpoint(environment, service),
    });
  const rest = createRestRpc(fetchOf("lambda-microvms"));
  const logs = createJsonRpc(fetchOf("logs"), "Logs_20140328", "1.1");
  const account = createAccountReader(access, environment);

  async function alive(): Promise<string[]> {
    const operation = { name: "ListMicrovms", method: "GET", path: MICROVMS } as const;
    const all = await pages((query) =>
      rest({ operation: { ...operation, query }, answer: microvms, what: "ListMicrovms" }),
    );
    return all
      .filter(({ state, imageArn }) => state !== "TERMINATED" && imageArn.includes(`:microvm-image:${prefix}-`))
      .map(({ microvmId }) => microvmId);
  }

  async function imageNames(): Promise<string[]> {
    const operation = { name: "ListMicrovmImages", method: "GET", path: "/2025-09-09/microvm-images" } as const;
    const all = await pages((query) =>
      rest({ operation: { ...operation, query }, answer: images, what: "ListMicrovmImages" }),
    );
    return all.filter(({ name }) => name.startsWith(`${prefix}-`)).map(({ name }) => `image ${name}`);
  }

  async function logGroups(): Promise<string[]> {
    const names = ["/aws/lambda/", "/aws/lambda-microvms/"].map(async (folder) => {
      const input = { logGroupNamePrefix: `${folder}${prefix}-` };
      const what = "DescribeLogGroups";
      return (await logs({ operation: what, input, answer: groups, what })).logGroups;
    });
    return (await Promise.all(names)).flat().map(({ logGroupName }) => `log group ${logGroupName}`);
  }

  async function functions(): Promise<string[]> {
    const found = FUNCTIONS.map((name) => functionName(prefix, name)).map(async (name) => {
      const there = await aws.functionEnvironment(name).then(
        () => true,
        (error: unknown) => {
          if (error instanceof NotFoundError) return false;
          throw error;
        },
      );
      return there ? [`function ${name}`] : [];
    });
    return (await Promise.all(found)).flat();
  }

  async function roles(): Promise<string[]> {
    const found = ROLES.map((name) => functionName(prefix, name)).map(async (name) =>
      (await account.hasRole(name)) ? [`role ${name}`] : [],
    );
    return (await Promise.all(found)).flat();
  }

  return {
    microvms: alive,
    terminate: (id) => createLambdaMicrovms(fetchOf("lambda-microvms")).terminate(id),
    async all() {
      const reads = {
        MicroVMs: async () => (await alive()).map((id) => `MicroVM ${id}`),
        images: imageNames,
        "log groups": logGroups,
        functions,
        roles,
      };
      const [left, unread]: [string[], string[]] = [[], []];
      for (const [what, read] of Object.entries(reads)) {
        try {
          left.push(...(await read()));
        } catch (error: unknown) {
          if (!(error instanceof DispatcherError)) throw error;
          unread.push(`${what} (${error.message})`);
        }
      }
      return { left, unread };
    },
  };
}

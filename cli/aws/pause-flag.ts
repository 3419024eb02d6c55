import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { createVersionedCell } from "../../dispatcher/aws/versioned-cell.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import { INITIAL_PACE, type PaceState, paceState } from "../../dispatcher/core/pace.ts";
import type { Pause } from "../core/judge-pause.ts";
import type { AwsAccess } from "./resolve-aws.ts";

/** What the dispatcher looks at before each launch. Each call throws a DispatcherError. */
export interface PauseFlag {
  read(): Promise<Pause | undefined>;
  write(pause: Pause | undefined): Promise<void>;
}

/** The flag in the item `pace` of the jobs table. */
export function createPauseFlag(
  { region, credentials }: AwsAccess,
  environment: Environment,
  tableName: string,
): PauseFlag {
  const fetch = createSignedFetch({
    ...{ service: "dynamodb", region, credentials: () => credentials },
    endpoint: awsEndpoint(environment, "dynamodb"),
  });
  const cell = createVersionedCell<PaceState>({
    fetch,
    tableName,
    id: "pace",
    schema: paceState,
    initial: INITIAL_PACE,
  });
  return {
    read: async () => (await cell.read()).paused,
    async write(pause) {
      await cell.update(({ paused: _, ...state }) => (pause === undefined ? state : { ...state, paused: pause }));
    },
  };
}

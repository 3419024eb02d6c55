import {
  type LambdaMicrovmsClient,
  RunMicrovmCommand,
  type RunMicrovmCommandInput,
  type RunMicrovmCommandOutput,
} from "@aws-sdk/client-lambda-microvms";
import { type AwsOptions, type LabAws, startAws } from "../../../../lab/aws/aws.ts";
import { stateOf } from "../../../../lab/aws/microvms/machine.ts";
import { addRole } from "./apply.ts";
import { microvmsClient } from "./clients.ts";
import { EXEC_ROLE_ARN, IMAGE_ARN, LAUNCH_GRANTS, prepareImage } from "./image.ts";
import { type MemoryGuests, memoryGuests } from "./memory-guests.ts";

export interface MicrovmLab {
  aws: LabAws;
  guests: MemoryGuests;
  /** Acts as a role that may launch, look at and end MicroVMs of the image. */
  client: LambdaMicrovmsClient;
  run(changes?: Partial<RunMicrovmCommandInput>): Promise<RunMicrovmCommandOutput>;
  /** State of a MicroVM, straight from the simulator. */
  state(microvmId: string | undefined): string | undefined;
}

/** An account in which an image can be built and launched. */
export async function startMicrovmLab(options: Partial<AwsOptions> = {}): Promise<MicrovmLab> {
  const guests = memoryGuests();
  const aws = await startAws({ guests, ...options });
  await prepareImage(aws);
  await addRole(aws, "launcher", LAUNCH_GRANTS);
  const client = microvmsClient(aws, "launcher");
  return {
    aws,
    guests,
    client,
    run: (changes) =>
      client.send(new RunMicrovmCommand({ imageIdentifier: IMAGE_ARN, executionRoleArn: EXEC_ROLE_ARN, ...changes })),
    state(microvmId) {
      const machine = aws.microvms.machines().find((candidate) => candidate.id === microvmId);
      return machine === undefined ? undefined : stateOf(machine);
    },
  };
}

import { type Backend, type ProviderBehaviour, ProviderError } from "../terraform/behaviour.ts";
import { LAB_ACCOUNT } from "./account.ts";
import { type AwsOptions, type LabAws, startAws } from "./aws.ts";

/** An account with every Region that a provider is configured for. */
export interface LabRegions {
  /** What Terraform's providers do, each in the Region of its own configuration. */
  readonly providers: { aws: Backend; awscc: Backend };
  /** The Region of that name, which is empty until something is made in it. */
  in(region: string): Promise<LabAws>;
  /** The Regions so far, that of the options first. */
  all(): LabAws[];
  stop(): Promise<void>;
}

/** Starts an account of which further Regions come up when they are asked for. */
export async function startRegions(options: AwsOptions): Promise<LabRegions> {
  const home = await startAws(options);
  const started = new Map([[home.account.region, Promise.resolve(home)]]);
  const up = [home];
  const start = async (region: string) => {
    const account = { ...(options.account ?? LAB_ACCOUNT), region };
    const lab = await startAws({ ...options, account, globals: home.globals });
    up.push(lab);
    return lab;
  };
  const find = (region: string) => {
    const lab = started.get(region) ?? start(region);
    started.set(region, lab);
    return lab;
  };
  const backend = (name: "aws" | "awscc"): Backend => ({
    unconfigured: home.providers[name],
    configure: async ({ region }): Promise<ProviderBehaviour> => {
      if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new ProviderError(`invalid AWS Region: ${region}`);
      return (await find(region)).providers[name];
    },
  });
  return {
    providers: { aws: backend("aws"), awscc: backend("awscc") },
    in: find,
    all: () => [...up],
    async stop() {
      await Promise.all([...started.values()].map(async (lab) => (await lab).stop()));
    },
  };
}

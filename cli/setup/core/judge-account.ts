import { functionName } from "../../../contract/names.ts";
import { type Finding, judge, type Known } from "../../core/finding.ts";
import { judgeQuotas } from "../../core/judge-quotas.ts";

export interface AccountViews {
  readonly region: string;
  /** Images that AWS offers for MicroVMs in the Region. */
  readonly images: Known<number>;
  /** The same in a Region that surely has MicroVMs; asked where the Region's own is refused. */
  readonly elsewhere?: Known<number> | undefined;
  readonly memory: Known<number>;
  readonly functions: Known<number>;
  readonly launches: Known<number>;
  /** Whether the prefix's role is there, and its function in this Region. */
  readonly role: Known<boolean>;
  readonly deployed: boolean;
  readonly prefix: string;
}

/** The Region that has had Lambda MicroVMs from the first (docs/PLATFORM-NOTES.md, Regions). */
export const FIRST_REGION = "us-east-1";

/** What a MicroVM has by the module's default, and where the quota has room for little more. */
const DEFAULT_MIB = 8_192;
const SMALL_MIB = 2_048;
/** With so many GB or less, two MicroVMs of the default size would use all up. */
const SMALL_QUOTA_GB = 32;

/** The memory to write into the configuration; undefined: the module's default. */
export function memoryFor(memory: Known<number>): number | undefined {
  return "value" in memory && memory.value <= SMALL_QUOTA_GB ? SMALL_MIB : undefined;
}

/** Whether the account is ready for the module; what may not be read is no failure. */
export function judgeAccount(views: AccountViews): Finding[] {
  const sizeMib = memoryFor(views.memory) ?? DEFAULT_MIB;
  return [
    judgeRegion(views),
    ...judgeQuotas({ ...views, sizeMib: { value: sizeMib }, maxConcurrency: 0 }),
    judgeName(views),
  ];
}

function judgeRegion({ region, images, elsewhere }: AccountViews): Finding {
  if ("value" in images || elsewhere === undefined) {
    return judge("account.region", "MicroVMs", images, () => ({ pass: `Lambda MicroVMs are available in ${region}` }));
  }
  if ("value" in elsewhere) {
    return judge<number>(
      "account.region",
      "MicroVMs",
      {
        fail: `${region} has no Lambda MicroVMs`,
        fix: "choose another with --region: docs/PLATFORM-NOTES.md, Regions",
      },
      () => ({ pass: "" }),
    );
  }
  return judge<number>(
    "account.region",
    "MicroVMs",
    { skip: "the right lambda:ListManagedMicrovmImages is missing", fix: "whoever applies needs it: docs/USAGE.md" },
    () => ({ pass: "" }),
  );
}

function judgeName({ role, deployed, prefix, region }: AccountViews): Finding {
  return judge("account.name", "Names", role, (taken) => {
    if (deployed) return { pass: `${prefix} is deployed in ${region}` };
    if (!taken) return { pass: `${prefix} is free` };
    return {
      fail: `the role ${functionName(prefix, "dispatcher")} is there and its function is not in ${region}: ${prefix} is deployed in another Region`,
      fix: "choose another --name-prefix: the App and its key can be the same, --app-id and --key-file",
    };
  });
}

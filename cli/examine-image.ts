import { functionName } from "../contract/names.ts";
import type { RunnerClassDocument, RunnerClassesDocument } from "../contract/runner-classes.ts";
import { type DeployedImage, imagesOf } from "../dispatcher/core/runner-classes.ts";
import type { AwsReader } from "./aws/aws-reader.ts";
import type { Deployment } from "./aws/find-deployment.ts";
import { readClasses } from "./aws/read-classes.ts";
import { andThen, blockedBy, type Finding, type Known } from "./core/finding.ts";
import { type ImageView, judgeBuild, judgeImage } from "./core/judge-aws.ts";
import { judgeMemory } from "./core/judge-quotas.ts";
import { judgeRunner, type RunnerView } from "./core/judge-runner.ts";
import { reading } from "./reading.ts";

export interface ExamineImage {
  aws: AwsReader;
  deployment: Deployment;
  now(): Date;
}

export interface ExaminedImage {
  findings: Finding[];
  /** What each MicroVM of the version that is launched is given, in MiB. */
  sizeMib: Known<number>;
}

/** What was found about the default's image. */
export async function examineImage(options: ExamineImage): Promise<ExaminedImage> {
  const { IMAGE_ARN: arn, IMAGE_VERSION: pinned } = options.deployment.settings;
  return examine(options, { arn, name: undefined, pinned: pinned === "" ? [] : [pinned], isBuilt: undefined });
}

/**
 * What was found about the images that classes have of their own, and how many of their jobs the account's memory, in
 * GB, allows; nothing where none has.
 */
export async function examineClassImages(options: ExamineImage, memory: Known<number>): Promise<Finding[]> {
  const { aws, deployment } = options;
  const { settings } = deployment;
  const classes = await reading(() => readClasses(aws, settings), "terraform apply writes the parameter again");
  if (!("value" in classes)) {
    const [outcome, text] = "fail" in classes ? (["fail", classes.fail] as const) : (["skip", classes.skip] as const);
    return [
      { check: "aws.classes", title: "Images of classes", outcome, text, ...(classes.fix ? { fix: classes.fix } : {}) },
    ];
  }
  const own = imagesOf(settings, classes.value).filter(({ name }) => name !== undefined);
  const findings: Finding[] = [];
  for (const image of own) {
    const [name, { max }] = classOf(classes.value, image);
    const examined = await examine(options, image);
    const room = judgeMemory({ memory, sizeMib: examined.sizeMib, maxConcurrency: max ?? 0, region: aws.region });
    findings.push(...named(name, [...examined.findings, room]));
  }
  return findings;
}

function classOf(classes: RunnerClassesDocument, { name }: DeployedImage): [string, Pick<RunnerClassDocument, "max">] {
  return Object.entries(classes).find(([, { image }]) => image === name) ?? ["", {}];
}

function named(runnerClass: string, findings: readonly Finding[]): Finding[] {
  return findings.map((each) => ({
    ...each,
    check: `${each.check}.${runnerClass}`,
    title: `${each.title}: ${runnerClass}`,
  }));
}

async function examine(options: ExamineImage, deployed: DeployedImage): Promise<ExaminedImage> {
  const { aws, now } = options;
  const { arn, pinned } = deployed;
  const image = await reading(() => aws.image(arn), "the image does not exist; terraform apply");
  const failed = await andThen(image, (view) =>
    reading(async () => ({
      image: view,
      builds: view.latestFailedVersion ? await aws.builds(arn, view.latestFailedVersion) : [],
    })),
  );
  const launched = await andThen<ImageView, string>(blockedBy(image, "Image"), async ({ latestActiveVersion }) => {
    const version = pinned[0] ?? latestActiveVersion;
    return version === undefined ? { skip: 'needs "Image" to pass' } : { value: version };
  });
  const findings = [
    judgeImage(image, pinned[0] ?? ""),
    judgeBuild(blockedBy(failed, "Image")),
    judgeRunner(await readRunner(options, deployed, launched), now()),
  ];
  return { findings, sizeMib: await andThen(launched, (version) => reading(() => aws.imageMemory(arn, version))) };
}

async function readRunner(
  { aws, deployment: { settings, prefix } }: ExamineImage,
  { name, isBuilt }: DeployedImage,
  launched: Known<string>,
): Promise<Known<RunnerView>> {
  return andThen(launched, (imageVersion) =>
    reading(async () => {
      const { MODE: byDefault = "watch" } = await aws.functionEnvironment(functionName(prefix, "refresh"));
      const mode = isBuilt === undefined ? byDefault : isBuilt ? "auto" : "watch";
      return { ...(await aws.runner(settings.TABLE_NAME, name)), imageVersion, mode };
    }),
  );
}

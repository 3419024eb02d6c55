import { functionName } from "../contract/names.ts";
import type { RunnerClassesDocument } from "../contract/runner-classes.ts";
import { type DeployedImage, imagesOf } from "../dispatcher/core/runner-classes.ts";
import type { AwsReader } from "./aws/aws-reader.ts";
import type { Deployment } from "./aws/find-deployment.ts";
import { readClasses } from "./aws/read-classes.ts";
import { andThen, blockedBy, type Finding, type Known } from "./core/finding.ts";
import { type ImageView, judgeBuild, judgeImage } from "./core/judge-aws.ts";
import { judgeRunner, type RunnerView } from "./core/judge-runner.ts";
import { reading } from "./reading.ts";

export interface ExamineImage {
  aws: AwsReader;
  deployment: Deployment;
  now(): Date;
}

/** The default's image, and what was found about it. */
export async function examineImage(options: ExamineImage): Promise<{ image: Known<ImageView>; findings: Finding[] }> {
  const { IMAGE_ARN: arn, IMAGE_VERSION: pinned } = options.deployment.settings;
  return examine(options, { arn, name: undefined, pinned: pinned === "" ? [] : [pinned], isBuilt: undefined });
}

/** What was found about the images that classes have of their own; nothing where none has. */
export async function examineClassImages(options: ExamineImage): Promise<Finding[]> {
  const { settings } = options.deployment;
  const classes = await reading(() => readClasses(options.aws, settings), "terraform apply writes the parameter again");
  if (!("value" in classes)) {
    const [outcome, text] = "fail" in classes ? (["fail", classes.fail] as const) : (["skip", classes.skip] as const);
    return [
      { check: "aws.classes", title: "Images of classes", outcome, text, ...(classes.fix ? { fix: classes.fix } : {}) },
    ];
  }
  const own = imagesOf(settings, classes.value).filter(({ name }) => name !== undefined);
  const findings: Finding[] = [];
  for (const image of own)
    findings.push(...named(classOf(classes.value, image), (await examine(options, image)).findings));
  return findings;
}

function classOf(classes: RunnerClassesDocument, { name }: DeployedImage): string {
  return Object.entries(classes).find(([, { image }]) => image === name)?.[0] ?? "";
}

function named(runnerClass: string, findings: readonly Finding[]): Finding[] {
  return findings.map((each) => ({
    ...each,
    check: `${each.check}.${runnerClass}`,
    title: `${each.title}: ${runnerClass}`,
  }));
}

async function examine(
  options: ExamineImage,
  deployed: DeployedImage,
): Promise<{ image: Known<ImageView>; findings: Finding[] }> {
  const { aws, now } = options;
  const { arn, pinned } = deployed;
  const image = await reading(() => aws.image(arn), "the image does not exist; terraform apply");
  const failed = await andThen(image, (view) =>
    reading(async () => ({
      image: view,
      builds: view.latestFailedVersion ? await aws.builds(arn, view.latestFailedVersion) : [],
    })),
  );
  const findings = [
    judgeImage(image, pinned[0] ?? ""),
    judgeBuild(blockedBy(failed, "Image")),
    judgeRunner(await readRunner(options, deployed, image), now()),
  ];
  return { image, findings };
}

async function readRunner(
  { aws, deployment: { settings, prefix } }: ExamineImage,
  { name, pinned, isBuilt }: DeployedImage,
  image: Known<ImageView>,
): Promise<Known<RunnerView>> {
  return andThen<ImageView, RunnerView>(blockedBy(image, "Image"), async ({ latestActiveVersion }) => {
    const imageVersion = pinned[0] ?? latestActiveVersion;
    if (imageVersion === undefined) return { skip: 'needs "Image" to pass' };
    return reading(async () => {
      const { MODE: byDefault = "watch" } = await aws.functionEnvironment(functionName(prefix, "refresh"));
      const mode = isBuilt === undefined ? byDefault : isBuilt ? "auto" : "watch";
      return { ...(await aws.runner(settings.TABLE_NAME, name)), imageVersion, mode };
    });
  });
}

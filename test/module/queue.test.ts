import { beforeAll, describe, expect, it } from "vitest";
import { type Body, expression, MODULE_DIR, parseModule } from "./parse-module.ts";

let resources: Record<string, Body>;
beforeAll(async () => {
  ({ resources } = await parseModule(MODULE_DIR));
});

const attribute = (address: string, name: string) => expression(resources[address]?.[name]);

describe("the queue", () => {
  it("gives a message up to the dead-letter queue, and only after hundreds of attempts: hours of an outage lose no job", () => {
    const policy = attribute("aws_sqs_queue.jobs", "redrive_policy");

    expect(policy).toContain("aws_sqs_queue.dead_letters.arn");
    expect(Number(/maxReceiveCount += (\d+)/.exec(policy.replaceAll('"', ""))?.[1])).toBeGreaterThanOrEqual(300);
  });

  it("hides a message for six times the function's timeout, as Lambda asks for", () => {
    expect(attribute("aws_sqs_queue.jobs", "visibility_timeout_seconds")).toMatch(
      /^var\.dispatcher_timeout \* 6$|^6 \* var\.dispatcher_timeout$/,
    );
    expect(attribute("aws_lambda_function.dispatcher", "timeout")).toBe("var.dispatcher_timeout");
  });

  it("has an alarm on its dead letters, and not on the jobs that wait", () => {
    const alarm = "aws_cloudwatch_metric_alarm.dead_letters";

    expect(resources[alarm]?.dimensions).toEqual({
      QueueName: expect.stringContaining("aws_sqs_queue.dead_letters.name"),
    });
    expect(attribute(alarm, "metric_name")).toBe("ApproximateNumberOfMessagesVisible");
    expect(Number(attribute(alarm, "threshold"))).toBe(0);
  });
});

describe("the alarm on building the image again", () => {
  it("counts what the function tells as an error and the runs that Lambda saw fail, such as those out of time", () => {
    const queries = resources["aws_cloudwatch_metric_alarm.image_refresh"]?.metric_query as Body[];
    expect(queries).toMatchObject([
      { expression: "FILL(counted, 0) + FILL(errors, 0)", return_data: true },
      { id: "counted", metric: [{ metric_name: "ImageRefreshErrors", stat: "Sum" }] },
      {
        id: "errors",
        metric: [
          {
            namespace: "AWS/Lambda",
            metric_name: "Errors",
            dimensions: { FunctionName: expect.stringContaining("aws_lambda_function.refresh.function_name") },
            stat: "Sum",
          },
        ],
      },
    ]);
    expect(resources["aws_cloudwatch_log_metric_filter.image_refresh_errors"]?.metric_transformation).toMatchObject([
      { name: "ImageRefreshErrors", default_value: "0" },
    ]);
  });
});

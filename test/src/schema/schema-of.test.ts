import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { describe, expect, it } from "vitest";
import { schemaOf, snakeCase } from "../../../src/schema/schema-of.ts";

describe("snakeCase", () => {
  it.each([
    ["Name", "name"],
    ["BaseImageArn", "base_image_arn"],
    ["CloudWatch", "cloudwatch"],
    ["MinimumMemoryInMiB", "minimum_memory_in_mi_b"],
    ["ReadyTimeoutInSeconds", "ready_timeout_in_seconds"],
    ["KMSKeyId", "kms_key_id"],
  ])("calls %s %s, as awscc does", (property, name) => {
    expect(snakeCase(property)).toBe(name);
  });
});

describe("schemaOf", () => {
  const database = loadAwsServiceSpecSync();
  const { attributes } = schemaOf(database, "AWS::Lambda::MicrovmImage").block;

  it("requires every property of the MicroVM image but its tags", () => {
    const required = Object.entries(attributes).flatMap(([name, attribute]) => (attribute.required ? [name] : []));

    expect(required.sort()).toEqual([
      "additional_os_capabilities",
      "base_image_arn",
      "base_image_version",
      "build_role_arn",
      "code_artifact",
      "cpu_configurations",
      "description",
      "egress_network_connectors",
      "environment_variables",
      "hooks",
      "logging",
      "name",
      "resources",
    ]);
    expect(attributes.tags).toMatchObject({ optional: true, computed: true });
  });

  it("gives out what only the service knows", () => {
    const computed = Object.entries(attributes).flatMap(([name, { computed, optional }]) =>
      computed && !optional ? [name] : [],
    );

    expect(computed.sort()).toEqual([
      "created_at",
      "id",
      "image_arn",
      "latest_active_image_version",
      "latest_failed_image_version",
      "state",
      "updated_at",
    ]);
  });

  it("makes arrays sets, and objects nested attributes", () => {
    expect(attributes.egress_network_connectors?.type).toEqual(["set", "string"]);
    expect(attributes.resources?.nested_type).toMatchObject({
      nesting_mode: "set",
      attributes: { minimum_memory_in_mi_b: { type: "number", required: true } },
    });
    expect(attributes.logging?.nested_type?.attributes.cloudwatch?.nested_type?.nesting_mode).toBe("single");
  });

  it("makes lists of the arrays that it is told of", () => {
    const connector = schemaOf(database, "AWS::Lambda::NetworkConnector", new Set(["SubnetIds"])).block.attributes;

    const vpc = connector.configuration?.nested_type?.attributes.vpc_egress_configuration?.nested_type?.attributes;
    expect(vpc?.subnet_ids?.type).toEqual(["list", "string"]);
  });

  it("refuses a type that the specification does not have", () => {
    expect(() => schemaOf(database, "AWS::Lambda::Nothing")).toThrow();
  });
});

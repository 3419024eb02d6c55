import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table/index.js";
import { Construct } from "constructs";
import { except } from "../synth/except.ts";
import { asAny, asStringMap } from "../synth/hcl-token.ts";
import { input, local } from "./reference.ts";
import { TABLE_EXCEPTION } from "./scan-exceptions.ts";

/** The jobs table: one item for each job, forgotten when its time to live is over. */
export class Table extends Construct {
  readonly jobs: DynamodbTable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.jobs = new DynamodbTable(this, "table.jobs", {
      name: `${input("name_prefix")}-jobs`,
      billingMode: "PAY_PER_REQUEST",
      hashKey: "id",
      attribute: [{ name: "id", type: "S" }],
      pointInTimeRecovery: { enabled: asAny(input("table_point_in_time_recovery")) },
      ttl: { attributeName: "expiresAt", enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: input("kms_key_arn") },
      tags: asStringMap(local("tags")),
    });
    except(this.jobs, TABLE_EXCEPTION);
  }
}

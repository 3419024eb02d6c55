import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { CloudwatchQueryDefinition } from "@cdktf/provider-aws/lib/cloudwatch-query-definition/index.js";
import { Construct } from "constructs";
import type { LoggingFunction } from "../../contract/metrics.ts";
import { SAVED_QUERIES, type SavedQuery } from "../../contract/queries.ts";
import { call, ref, template } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { explain } from "../synth/explain.ts";
import { asString } from "../synth/hcl-token.ts";
import { input } from "./reference.ts";

export interface QueriesProps {
  readonly logs: Readonly<Record<LoggingFunction, CloudwatchLogGroup>>;
}

/** What to ask the functions' logs, one click away. */
export class Queries extends Construct {
  constructor(scope: Construct, id: string, { logs }: QueriesProps) {
    super(scope, id);
    for (const query of SAVED_QUERIES) {
      const saved = new CloudwatchQueryDefinition(this, `query.${query.name.replaceAll(" ", "_")}`, {
        name: `${input("name_prefix")}/${query.name}`,
        logGroupNames: [logs[query.log].name],
        queryString: asString(call("join", "\n| ", commandsOf(query))),
      });
      if (query === SAVED_QUERIES[0])
        explain(saved, "Saved queries cost nothing; to run one is billed by what it reads.");
    }
  }
}

const DOLLARS = "\0";

/** A query's commands, with columns in dollars where the Region has a price. */
export function commandsOf({ lines }: SavedQuery): (string | Expression)[] {
  return lines(DOLLARS).map((line) => {
    const [before = "", after] = line.split(DOLLARS);
    return after === undefined ? line : template(before, ref("local.dollar_columns"), after);
  });
}

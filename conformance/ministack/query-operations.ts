/** Saved queries, as operations.ts has the other types. */
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { text, texts } from "../../lab/aws/resources/values.ts";
import type { ResourceBehaviour, Values } from "../../lab/terraform/behaviour.ts";
import { known, orNull } from "./answers.ts";

export function queryType(client: logs.CloudWatchLogsClient, region: string): ResourceBehaviour {
  const put = (planned: Values, queryDefinitionId?: string) =>
    client.send(
      new logs.PutQueryDefinitionCommand({
        ...(queryDefinitionId === undefined ? {} : { queryDefinitionId }),
        name: text(planned, "name"),
        queryString: text(planned, "query_string"),
        logGroupNames: texts(planned, "log_group_names"),
      }),
    );
  return {
    async create(planned) {
      const { queryDefinitionId: id = "" } = await put(planned);
      const arn = `arn:aws:logs:${region}:000000000000:query-definition:${id}`;
      return { id, query_definition_id: id, arn };
    },
    async read(state) {
      const queryDefinitionNamePrefix = text(state, "name");
      const found = await orNull(client.send(new logs.DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix })));
      const query = found?.queryDefinitions?.find(({ queryDefinitionId }) => queryDefinitionId === text(state, "id"));
      return query === undefined
        ? null
        : known({ query_string: query.queryString, log_group_names: query.logGroupNames });
    },
    async update(planned, prior) {
      await put(planned, text(prior, "id"));
      return {};
    },
    async delete(state) {
      await client.send(new logs.DeleteQueryDefinitionCommand({ queryDefinitionId: text(state, "id") }));
    },
  };
}

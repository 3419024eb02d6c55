import { randomUUID } from "node:crypto";

interface SavedQuery {
  queryDefinitionId: string;
  name: string;
  queryString: string;
  logGroupNames: readonly string[];
}

/**
 * MiniStack has no saved queries: "Unknown action: PutQueryDefinition" (services/cloudwatch_logs.py, `handle_request`). On AWS they
 * are kept until they are deleted, and found by how their name begins (CloudWatch Logs API reference, PutQueryDefinition,
 * DescribeQueryDefinitions, DeleteQueryDefinition). Answers what AWS would; undefined for any other call.
 */
export function createSavedQueries(): (operation: string | undefined, body: string) => object | undefined {
  const queries = new Map<string, SavedQuery>();
  return (operation, body) => {
    switch (operation?.replace(/^Logs_20140328\./, "")) {
      case "PutQueryDefinition": {
        const given = JSON.parse(body) as Omit<SavedQuery, "queryDefinitionId"> & { queryDefinitionId?: string };
        const { queryDefinitionId = randomUUID() } = given;
        queries.set(queryDefinitionId, { ...given, queryDefinitionId });
        return { queryDefinitionId };
      }
      case "DescribeQueryDefinitions": {
        const { queryDefinitionNamePrefix = "" } = JSON.parse(body) as { queryDefinitionNamePrefix?: string };
        const all = [...queries.values()];
        return { queryDefinitions: all.filter(({ name }) => name.startsWith(queryDefinitionNamePrefix)) };
      }
      case "DeleteQueryDefinition": {
        const { queryDefinitionId } = JSON.parse(body) as { queryDefinitionId: string };
        return { success: queries.delete(queryDefinitionId) };
      }
      default:
        return undefined;
    }
  };
}

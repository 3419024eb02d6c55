import type { Value, Values } from "../../lab/terraform/behaviour.ts";

/** What the service says, or null where it says that there is none. */
export async function orNull<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error: unknown) {
    const gone = /NotFound|NoSuch|NonExistent|ParameterNotFound/;
    if (error instanceof Error && gone.test(error.name)) return null;
    throw error;
  }
}

/** The attributes that have a value. */
export const known = (values: Record<string, Value | undefined>): Values =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

export const sameJson = (one: string, other: string): boolean =>
  JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));

import { AwsError } from "./aws-error.ts";

/** Awaits a call and turns the AwsError it may end in into what `translate` makes of it. */
export async function awsCall<T>(call: Promise<T>, translate: (error: AwsError) => Error): Promise<T> {
  try {
    return await call;
  } catch (error: unknown) {
    throw error instanceof AwsError ? translate(error) : error;
  }
}

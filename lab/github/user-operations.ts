import { notFound } from "./api-error.ts";
import type { Operations } from "./operation.ts";

/** Accounts, as anybody may look them up. */
export const userOperations: Operations = {
  "users/get-by-username": ({ world, views, params }) => {
    const owner = world.accounts.owner(params.username ?? "");
    if (owner === undefined) throw notFound();
    return { status: 200, body: views.account(owner) };
  },
  "users/get-authenticated": () => {
    throw new Error("nobody signs in to the lab's GitHub as a user");
  },
};

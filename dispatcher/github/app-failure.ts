import { type PermissionRequest, permissionLabel, requestLabel } from "../../contract/permissions.ts";
import { AppRefusedError, type DispatcherError, NotInstalledError, RefusedError } from "../errors.ts";
import { type CallPurpose, classifyGitHubFailure, type GitHubFailure, withHint } from "./github-error.ts";

/** What the refusal of a call with the App's own JWT means. */
export function appFailure(
  failure: GitHubFailure,
  what: string,
  now: Date,
  purpose: CallPurpose = { what, permission: permissionLabel("metadata") },
): DispatcherError {
  const { status, message } = failure;
  // GitHub answers so to a JWT of an App that it does not have.
  if (status === 401 || (status === 404 && /integration not found/i.test(message))) {
    return new AppRefusedError(
      withHint(
        `${what} was refused: GitHub does not accept the App's JWT (${message}); check app_id and the key`,
        failure,
      ),
      { details: { status } },
    );
  }
  return classifyGitHubFailure(failure, purpose, now);
}

/** What it means that GitHub makes no installation token. */
export function tokenFailure(
  failure: GitHubFailure,
  asked: { what: string; permissions: PermissionRequest; installationId: number },
  now: Date,
): DispatcherError {
  const { what, installationId } = asked;
  const { status, message } = failure;
  const details = { status, installationId };
  const permission = requestLabel(asked.permissions);
  if (status === 422 && /permission/i.test(message)) {
    return new RefusedError(`${what} was refused: give the App the permissions ${permission}`, {
      details: { ...details, missing: permission },
    });
  }
  const known = appFailure(failure, what, now, { what, permission });
  if (known instanceof AppRefusedError || (status !== 404 && status !== 422)) return known;
  const there = `installation ${installationId} does not exist or does not reach it; install the App there`;
  return new NotInstalledError(withHint(`${what} failed: ${there}`, failure), { details });
}

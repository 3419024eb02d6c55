/**
 * Stands in bundles for what `@octokit/auth-app` brings to act as a user or an OAuth App, to read a private key and to
 * keep tokens: ours act as the App and its installations alone, sign by a callback and keep tokens themselves. And for
 * what Octokit calls itself by: each request of ours has a name of its own.
 */
function refuse(): never {
  throw new Error("@octokit/auth-app is bundled for an App that signs by a callback");
}

/** Made with each authentication, and asked for nothing. */
export function createOAuthAppAuth(): typeof refuse {
  return refuse;
}

export const createOAuthUserAuth: typeof refuse = refuse;

export function requiresBasicAuth(): boolean {
  return false;
}

/** Made with each authentication, and then replaced by the cache that is given. */
export class Lru {}

/** Asked for defaults, which are never sent; the package's own has Node load its `navigator`. */
export function getUserAgent(): string {
  return "Node.js";
}

// The package's default export makes a JWT from a private key.
export default refuse;

/** Version of the GitHub Enterprise Server that is played. */
export const GHES_VERSION = "3.17.0";

import type { Owner, Repository } from "./accounts.ts";
import { exampleRepository, rewrite } from "./payload-examples.ts";
import type { View, Views } from "./view.ts";
import { type Addresses, nodeId, timestamp } from "./world.ts";

/** When every account was made: nothing looks at it. */
const ACCOUNTS_SINCE = Date.UTC(2020, 0, 1);

/** How the API writes users, organizations and repositories. */
export function accountViews(addresses: Addresses): Pick<Views, "owner" | "account" | "organization" | "repository"> {
  const { apiUrl, htmlUrl } = addresses;
  const owner = ({ id, login, type }: Owner): View => {
    const url = `${apiUrl}/users/${login}`;
    return {
      login,
      id,
      node_id: nodeId(type === "User" ? "U" : "O", id),
      avatar_url: `${htmlUrl}/avatars/${id}`,
      gravatar_id: "",
      url,
      html_url: `${htmlUrl}/${login}`,
      followers_url: `${url}/followers`,
      following_url: `${url}/following{/other_user}`,
      gists_url: `${url}/gists{/gist_id}`,
      starred_url: `${url}/starred{/owner}{/repo}`,
      subscriptions_url: `${url}/subscriptions`,
      organizations_url: `${url}/orgs`,
      repos_url: `${url}/repos`,
      events_url: `${url}/events{/privacy}`,
      received_events_url: `${url}/received_events`,
      type,
      site_admin: false,
    };
  };
  return {
    owner,
    account: (subject) => ({
      ...owner(subject),
      ...{ name: subject.login, company: null, blog: "", location: null, email: null, hireable: null, bio: null },
      ...{ public_repos: 0, public_gists: 0, followers: 0, following: 0 },
      created_at: timestamp(ACCOUNTS_SINCE),
      updated_at: timestamp(ACCOUNTS_SINCE),
    }),
    organization: ({ id, login }) => ({
      login,
      id,
      node_id: nodeId("O", id),
      url: `${apiUrl}/orgs/${login}`,
      repos_url: `${apiUrl}/orgs/${login}/repos`,
      events_url: `${apiUrl}/orgs/${login}/events`,
      hooks_url: `${apiUrl}/orgs/${login}/hooks`,
      issues_url: `${apiUrl}/orgs/${login}/issues`,
      members_url: `${apiUrl}/orgs/${login}/members{/member}`,
      public_members_url: `${apiUrl}/orgs/${login}/public_members{/member}`,
      avatar_url: `${htmlUrl}/avatars/${id}`,
      description: "",
    }),
    repository: repositoryView(addresses, owner),
  };
}

function repositoryView(addresses: Addresses, owner: (owner: Owner) => View): (repository: Repository) => View {
  const links = new Map<string, View>();
  const linksOf = (fullName: string): View => {
    const known = links.get(fullName);
    if (known !== undefined) return known;
    const fresh: View = { ...rewrite(exampleRepository(), addresses, fullName) };
    links.set(fullName, fresh);
    return fresh;
  };
  return (subject) => ({
    ...linksOf(subject.fullName),
    id: subject.id,
    node_id: nodeId("R", subject.id),
    name: subject.name,
    full_name: subject.fullName,
    private: subject.private,
    visibility: subject.private ? "private" : "public",
    fork: subject.fork,
    owner: owner(subject.owner),
    default_branch: "main",
    has_discussions: false,
  });
}

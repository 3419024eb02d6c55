import type { Ids } from "./ids.ts";

export interface Owner {
  id: number;
  login: string;
  type: "Organization" | "User";
}

export interface Repository {
  id: number;
  owner: Owner;
  name: string;
  /** `owner/name`. */
  fullName: string;
  private: boolean;
  fork: boolean;
}

export interface RepositoryOptions {
  /** `owner/name`. */
  fullName: string;
  /** Default true. */
  private?: boolean;
  fork?: boolean;
}

/** Who owns which repositories. Names are compared without regard to case, as GitHub does. */
export interface Accounts {
  addOwner(login: string, type?: Owner["type"]): Owner;
  /** Adds the owner too, as an organization, when there is none of that name. */
  addRepository(options: RepositoryOptions | string): Repository;
  owner(login: string): Owner | undefined;
  repository(fullName: string): Repository | undefined;
  repositoryById(id: number): Repository | undefined;
  repositoriesOf(owner: Owner): Repository[];
}

/** An empty GitHub. */
export function createAccounts(ids: Ids): Accounts {
  const owners = new Map<string, Owner>();
  const repositories = new Map<string, Repository>();
  const addOwner: Accounts["addOwner"] = (login, type = "Organization") => {
    const known = owners.get(login.toLowerCase());
    if (known !== undefined) return known;
    const owner: Owner = { id: ids.next("owner"), login, type };
    owners.set(login.toLowerCase(), owner);
    return owner;
  };
  return {
    addOwner,
    addRepository(options) {
      const given = typeof options === "string" ? { fullName: options } : options;
      const [login, name, ...rest] = given.fullName.split("/");
      if (!login || !name || rest.length > 0) {
        throw new Error(`repository "${given.fullName}" is not of the form owner/name`);
      }
      const known = repositories.get(given.fullName.toLowerCase());
      if (known !== undefined) return known;
      const owner = addOwner(login);
      const repository: Repository = {
        id: ids.next("repository"),
        owner,
        name,
        fullName: `${owner.login}/${name}`,
        private: given.private ?? true,
        fork: given.fork ?? false,
      };
      repositories.set(given.fullName.toLowerCase(), repository);
      return repository;
    },
    owner: (login) => owners.get(login.toLowerCase()),
    repository: (fullName) => repositories.get(fullName.toLowerCase()),
    repositoryById: (id) => [...repositories.values()].find((repository) => repository.id === id),
    repositoriesOf: (owner) => [...repositories.values()].filter((repository) => repository.owner.id === owner.id),
  };
}

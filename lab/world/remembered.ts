/** What `make` makes for a name, once for each. */
export function remembered<T>(make: () => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name) ?? make();
    made.set(name, known);
    return known;
  };
}

/** The keys of a record that has no others, with their type, in the order in which they were written. */
export function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record) as Key[]
}

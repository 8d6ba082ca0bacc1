/** Replaces methods of a class; the answer gives it its own back. */
export function replaceMethods(
  prototype: object,
  methods: Readonly<Record<string, unknown>>,
): () => void {
  const before = Object.keys(methods).map((name): [string, unknown] => [
    name,
    Reflect.get(prototype, name),
  ])
  Object.assign(prototype, methods)
  return () => void Object.assign(prototype, Object.fromEntries(before))
}

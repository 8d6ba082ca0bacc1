import type { z } from 'zod'

/**
 * A value from another program, checked by its schema. Throws an Error that begins with `complaint`
 * and names the first place that is wrong.
 */
export function checkedForm<T>(form: z.ZodType<T>, value: unknown, complaint: string): T {
  const result = form.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = issue?.path.map(String).join('.') ?? ''
  throw new Error(`${complaint}: ${place === '' ? '' : `${place}: `}${issue?.message}`)
}

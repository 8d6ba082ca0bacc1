/** What a simulated node can be. */
export const ENGINES = ['node', 'router'] as const
/** One of {@link ENGINES}. */
export type EngineName = (typeof ENGINES)[number]
